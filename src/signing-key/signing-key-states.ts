import type { SigningKeyState, StoredSigningKey } from './signing-key-store.ts'

/** Which state follows which. Back from `retired` to `active` is a rollback, possible while the key is still in the JWKS. */
export const NEXT_STATES: Readonly<Record<SigningKeyState, readonly SigningKeyState[]>> = {
  published: ['active', 'retired'],
  active: ['retired'],
  retired: ['active'],
}

/** What was asked cannot be done with this key; the message is for the operator. */
export class SigningKeyRefused extends Error {
  override readonly name = 'SigningKeyRefused'
}

/** A retired key without a private half is of no use, and a published one may still be asked for by a site that was slow. */
export function isInJwks({ publishedUntil, sealedPrivateJwk }: StoredSigningKey, now: Date): boolean {
  return sealedPrivateJwk !== undefined && (publishedUntil === undefined || now < publishedUntil)
}

/** @throws SigningKeyRefused when it cannot sign any more */
export function activated(key: StoredSigningKey, now: Date): StoredSigningKey {
  move(key, 'active')
  if (!isInJwks(key, now))
    throw new SigningKeyRefused(`key ${key.kid} is not in the JWKS any more: sites do not know it`)
  return { ...key, state: 'active', activatedAt: now, retiredAt: undefined, publishedUntil: undefined }
}

/** @param publishedUntil until when what it signed must be verifiable */
export function retired(key: StoredSigningKey, now: Date, publishedUntil: Date): StoredSigningKey {
  move(key, 'retired')
  return { ...key, state: 'retired', retiredAt: now, publishedUntil }
}

/** Its private half is destroyed; the public one stays, for whoever verifies what is old. */
export function erased(key: StoredSigningKey): StoredSigningKey {
  return { ...key, sealedPrivateJwk: undefined }
}

function move({ kid, state }: StoredSigningKey, to: SigningKeyState): void {
  if (!NEXT_STATES[state].includes(to)) throw new SigningKeyRefused(`key ${kid} is ${state} already`)
}
