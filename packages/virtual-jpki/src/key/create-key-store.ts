import { createHash, createPrivateKey, randomUUID, type KeyObject } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { generateDeterministicKey, type KeyAlgorithm } from './generate-deterministic-key.ts'
import { createSeededStream } from './hmac-drbg.ts'

/** Changes when the way from seed to key changes, so that an old cache is not read as a new one. */
const DERIVATION = 'sekisho virtual-jpki 1'

/** The keys of one seed, made on first use. VIRTUAL CARDS ONLY. */
export interface KeyStore {
  /** @param label names the key within the seed: same seed, label and algorithm → same key. */
  key(label: string, algorithm?: KeyAlgorithm): Promise<KeyObject>
  /** Octets of the seed for anything else that must come out the same each time: serials, codes. */
  octets(label: string, length: number): Buffer
}

/**
 * @param deps.cacheDirectory where made keys are kept (PKCS #8, 0600 in a 0700 directory), because making one costs some
 * 50 ms of CPU; without it they are made anew in each process
 */
export function createKeyStore(deps: {
  readonly seed: string
  readonly cacheDirectory?: string | undefined
}): KeyStore {
  const { seed, cacheDirectory } = deps
  const made = new Map<string, Promise<KeyObject>>()

  const make = async (label: string, algorithm: KeyAlgorithm): Promise<KeyObject> => {
    const stream = createSeededStream(seed, `${DERIVATION} key ${algorithm} ${label}`)
    if (cacheDirectory === undefined) return generateDeterministicKey(stream, algorithm)
    const name = createHash('sha256').update(stream.take(32)).digest('hex').slice(0, 40)
    const file = join(cacheDirectory, `${algorithm}-${name}.p8`)
    const cached = await readCachedKey(file)
    if (cached !== undefined) return cached
    const key = await generateDeterministicKey(
      createSeededStream(seed, `${DERIVATION} key ${algorithm} ${label}`),
      algorithm,
    )
    await writeCachedKey(cacheDirectory, file, key)
    return key
  }

  return {
    key(label, algorithm = 'rsa-2048') {
      const id = `${algorithm} ${label}`
      const known = made.get(id)
      if (known !== undefined) return known
      const making = make(label, algorithm)
      made.set(id, making)
      making.catch(() => made.delete(id))
      return making
    },
    octets: (label, length) => createSeededStream(seed, `${DERIVATION} octets ${label}`).take(length),
  }
}

/** A missing or damaged file is no fault: the key is simply made again. */
async function readCachedKey(file: string): Promise<KeyObject | undefined> {
  try {
    return createPrivateKey({ key: await readFile(file), format: 'der', type: 'pkcs8' })
  } catch {
    return undefined
  }
}

/** Written beside and renamed, so that two processes that share the directory never read half a key. */
async function writeCachedKey(directory: string, file: string, key: KeyObject): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const unfinished = `${file}.${randomUUID()}`
  try {
    await writeFile(unfinished, key.export({ format: 'der', type: 'pkcs8' }), { mode: 0o600, flag: 'wx' })
    await rename(unfinished, file)
  } catch (fault) {
    await rm(unfinished, { force: true })
    throw fault
  }
}
