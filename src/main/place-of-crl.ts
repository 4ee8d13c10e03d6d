import { stat } from 'node:fs/promises'
import type { CrlPlace } from '../outbound/crl/crl-load-order.ts'

/** A path is a directory of lists or one list; what is not there yet is taken for a list that will come. */
export async function placeOfCrl(path: string): Promise<CrlPlace> {
  const isDirectory = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
  return { kind: isDirectory ? 'directory' : 'file', path }
}
