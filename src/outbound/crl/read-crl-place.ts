import { open, readdir, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { UnavailableCause } from '../../certificate/revocation/unavailable-cause.ts'
import { createOutboundClient } from '../create-outbound-client.ts'
import { CAUSE_OF_FAULT, OutboundFault } from '../outbound-fault.ts'
import type { CrlLoadOrder, CrlPlace } from './crl-load-order.ts'

/** Municipalities of Japan, thrice. */
const MAX_FILES = 6000

/** What stands at a place: octets, the news that nothing changed, or why there is nothing. */
export interface CrlReading {
  readonly name: string
  readonly version: string | undefined
  readonly content: Uint8Array | 'unchanged' | UnavailableCause
}

/** Reads a place one list after the other, never more than `maxBytes` altogether. Faults are readings, too. */
export async function* readCrlPlace({ place, maxBytes, knownVersions }: CrlLoadOrder): AsyncGenerator<CrlReading> {
  if (place.kind === 'http') {
    yield readHttp(place, maxBytes, knownVersions['http'])
    return
  }
  const paths = place.kind === 'file' ? [place.path] : await listDirectory(place.path)
  if (paths === undefined || paths.length === 0) {
    yield { name: 'directory', version: undefined, content: 'crl-missing' }
    return
  }
  let left = maxBytes
  for (const path of paths) {
    const reading = await readFile(path, left, knownVersions[path])
    if (reading.content instanceof Uint8Array) left -= reading.content.length
    yield reading
  }
}

async function listDirectory(path: string): Promise<readonly string[] | undefined> {
  try {
    const names = await readdir(path)
    return names
      .filter((name) => /\.(crl|der|pem)$/i.test(name))
      .toSorted()
      .slice(0, MAX_FILES)
      .map((name) => join(path, name))
  } catch {
    return undefined
  }
}

async function readFile(path: string, maxBytes: number, knownVersion: string | undefined): Promise<CrlReading> {
  const file = await open(path, 'r').catch(() => undefined)
  if (file === undefined) return { name: path, version: undefined, content: 'crl-missing' }
  try {
    const stat = await file.stat({ bigint: true })
    if (!stat.isFile()) return { name: path, version: undefined, content: 'crl-missing' }
    const version = `${stat.ino} ${stat.size} ${stat.mtimeNs}`
    if (version === knownVersion) return { name: path, version, content: 'unchanged' }
    if (stat.size > BigInt(maxBytes)) return { name: path, version, content: 'crl-too-large' }
    return { name: path, version, content: await readOctets(file, Number(stat.size)) }
  } catch {
    return { name: path, version: undefined, content: 'crl-missing' }
  } finally {
    await file.close()
  }
}

/** Into memory of its own, so that it can be handed over: small buffers of Node share a pool. */
async function readOctets(file: FileHandle, size: number): Promise<Uint8Array> {
  const octets = new Uint8Array(size)
  let length = 0
  while (length < size) {
    const { bytesRead } = await file.read(octets, length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return octets.subarray(0, length)
}

async function readHttp(
  { url, intranetHosts, deadlineMs }: Extract<CrlPlace, { kind: 'http' }>,
  maxBytes: number,
  knownVersion: string | undefined,
): Promise<CrlReading> {
  const { host } = new URL(url)
  const client = createOutboundClient({ allowedHosts: [host], intranetHosts, deadlineMs, maxBytes })
  const reading = (content: CrlReading['content'], version?: string): CrlReading => ({ name: 'http', version, content })
  try {
    const headers = knownVersion === undefined ? {} : { 'if-none-match': knownVersion }
    const answer = await client.send({ method: 'GET', url, headers })
    if (answer.status === 304) return reading('unchanged', knownVersion)
    if (answer.status !== 200) return reading('source-http-error')
    const { etag } = answer.headers
    return reading(answer.body, typeof etag === 'string' ? etag : undefined)
  } catch (error) {
    if (!(error instanceof OutboundFault)) throw error
    return reading(error.reason === 'answer-too-large' ? 'crl-too-large' : CAUSE_OF_FAULT[error.reason])
  } finally {
    await client.close()
  }
}
