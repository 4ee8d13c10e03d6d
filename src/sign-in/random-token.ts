import { hash } from 'node:crypto'
import type { Digest } from './ticket-store.ts'

/** Source of randomness: `bytes` octets nobody can guess. Handed in, so that a test can repeat itself. */
export type RandomBytes = (bytes: number) => Uint8Array

/** 32 random bytes as 43 characters of base64url: ticket ids, nonces, completion codes. */
export function createToken(random: RandomBytes): string {
  const { buffer, byteOffset, length } = random(32)
  return Buffer.from(buffer, byteOffset, length).toString('base64url')
}

const TOKEN = /^[A-Za-z0-9_-]{43}$/

/** Whether a text has the form of a token; checked before anything is hashed or asked. */
export function isToken(text: unknown): text is string {
  return typeof text === 'string' && TOKEN.test(text)
}

/** What a store keeps of a token: a dump of it opens nothing. */
export function digestToken(token: string): Digest {
  return new Uint8Array(hash('sha256', token, 'buffer')) as Digest
}
