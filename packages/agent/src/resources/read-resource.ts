import { readFileSync } from 'node:fs'
import { getRawAsset, isSea } from 'node:sea'

/**
 * One file of the package, by its path there, such as `views/pin.ejs`. The single executable carries the same names as assets.
 *
 * @throws Error when there is no such file
 */
export function readResource(path: string): Buffer {
  if (isSea()) return Buffer.from(getRawAsset(path))
  return readFileSync(new URL(`../../${path}`, import.meta.url))
}
