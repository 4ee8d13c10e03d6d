import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')

/**
 * For `createVirtualJpki({ cacheDirectory })`: where the keys of the virtual people are kept between test files and between runs, since they
 * are the same each time and one takes 70 ms. Another way to make them is another directory.
 */
export const VIRTUAL_KEYS = join(ROOT, 'node_modules', '.cache', 'sekisho-test', `virtual-keys-${version()}`)

function version(): string {
  const directory = join(ROOT, 'packages', 'virtual-jpki', 'src', 'key')
  const hash = createHash('sha256')
  for (const name of readdirSync(directory).toSorted()) hash.update(readFileSync(join(directory, name)))
  return hash.digest('hex').slice(0, 12)
}
