import { createHash, createHmac } from 'node:crypto'

export type RandomBytes = (octets: number) => Uint8Array

/** 256 random bits as 43 characters: an invitation, a session's cookie, a sign-in's cookie. */
export function drawSecret(random: RandomBytes): string {
  return Buffer.from(random(32)).toString('base64url')
}

export function isSecret(text: unknown): text is string {
  return typeof text === 'string' && /^[A-Za-z0-9_-]{43}$/.test(text)
}

/** What a store keeps of it. */
export function digestSecret(secret: string): Buffer {
  return createHash('sha256').update(secret, 'ascii').digest()
}

/** Something that whoever has the secret can make again, and nobody can go back from. 43 characters. */
export function deriveFromSecret(secret: string, purpose: string): string {
  return createHmac('sha256', secret).update(`sekisho admin ${purpose}`).digest('base64url')
}
