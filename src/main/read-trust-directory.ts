import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { decodePemOrDer } from '../certificate/anchor/decode-pem.ts'
import type { AnchorFile } from '../certificate/anchor/trust-anchor.ts'
import type { AnchorPurpose } from '../certificate/profile/certificate-profile.ts'

/** The roots that come with this installation. */
export const OWN_TRUST_DIRECTORY = fileURLToPath(new URL('../../trust/jpki', import.meta.url))

/** A root is 1.3 kB. */
const MAX_FILE_BYTES = 64 * 1024

/** `<directory>/authentication` and `<directory>/signature`: PEM or DER, one or several in a file. What they are is judged by the loader. */
export async function readTrustDirectory(
  directory: string,
): Promise<Readonly<Record<AnchorPurpose, readonly AnchorFile[]>>> {
  const [authentication, signature] = await Promise.all([
    readFolder(join(directory, 'authentication')),
    readFolder(join(directory, 'signature')),
  ])
  return { authentication, signature }
}

async function readFolder(folder: string): Promise<readonly AnchorFile[]> {
  const names = (await readdir(folder)).filter((name) => /\.(pem|crt|cer|der)$/i.test(name)).toSorted()
  const files = await Promise.all(names.map((name) => readAnchorFile(join(folder, name), name)))
  return files.flat()
}

/** A file without a certificate in it is handed on as it is, so that the loader names it. */
export async function readAnchorFile(path: string, name: string): Promise<readonly AnchorFile[]> {
  const octets = await readFile(path)
  const ders = octets.length > MAX_FILE_BYTES ? [] : decodePemOrDer(octets, 'CERTIFICATE')
  return ders.length === 0 ? [{ name, der: octets.subarray(0, MAX_FILE_BYTES) }] : ders.map((der) => ({ name, der }))
}
