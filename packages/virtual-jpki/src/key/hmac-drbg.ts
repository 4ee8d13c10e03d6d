import { createHmac } from 'node:crypto'

/** A stream of bytes that depends on nothing but what it was seeded with. */
export interface ByteStream {
  take(length: number): Buffer
}

/**
 * The stream of one label within a seed. VIRTUAL CARDS ONLY: whoever knows the seed knows every key made from it.
 */
export function createSeededStream(seed: string, label: string): ByteStream {
  // The length in front keeps ('ab', 'c') and ('a', 'bc') apart.
  return createHmacDrbg(Buffer.from(`${Buffer.byteLength(seed)}:${seed}${label}`, 'utf8'))
}

/**
 * HMAC_DRBG with SHA-256 (NIST SP 800-90A §10.1.2), without reseeding: the same seed material gives the same stream on every
 * machine.
 */
export function createHmacDrbg(seedMaterial: Uint8Array): ByteStream {
  let key: Buffer = Buffer.alloc(32, 0)
  let value: Buffer = Buffer.alloc(32, 1)
  const hmac = (...parts: readonly Uint8Array[]): Buffer => {
    const mac = createHmac('sha256', key)
    for (const part of parts) mac.update(part)
    return mac.digest()
  }
  const update = (data: Uint8Array): void => {
    key = hmac(value, Buffer.from([0]), data)
    value = hmac(value)
    if (data.length === 0) return
    key = hmac(value, Buffer.from([1]), data)
    value = hmac(value)
  }
  update(seedMaterial)
  return {
    take(length) {
      const blocks: Buffer[] = []
      for (let have = 0; have < length; have += value.length) {
        value = hmac(value)
        blocks.push(value)
      }
      update(Buffer.alloc(0))
      return Buffer.concat(blocks).subarray(0, length)
    },
  }
}
