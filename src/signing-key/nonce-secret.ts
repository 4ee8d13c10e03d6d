import { hkdfSync } from 'node:crypto'
import type { Sealer } from '../sealing/create-sealer.ts'

/** Port: secrets of the server, sealed, by name. */
export interface ServerSecretStore {
  /** @returns what is there, or was there first */
  findOrInsert(name: string, sealed: Uint8Array): Promise<Uint8Array>
  find(name: string): Promise<Uint8Array | undefined>
  replace(name: string, sealed: Uint8Array): Promise<void>
}

const NAME = 'dpop nonce'

/**
 * The secret of DPoP nonces (RFC 9449 §8), the same in every process: a nonce that one gave is good at the others. It is kept, so that it
 * stays when KEY_ENCRYPTION_KEY changes step by step; a client asks again once, and once only.
 *
 * @param keyEncryptionKey the newest. The first value is made of it, as every release before this one made it at each start
 * @throws Error when it was sealed with none of the sealer's keys
 */
export async function loadNonceSecret({
  store,
  sealer,
  keyEncryptionKey,
}: {
  readonly store: Pick<ServerSecretStore, 'findOrInsert'>
  readonly sealer: Sealer
  readonly keyEncryptionKey: Uint8Array
}): Promise<Buffer> {
  const first = Buffer.from(hkdfSync('sha256', keyEncryptionKey, '', 'sekisho dpop nonce', 32))
  return sealer.open(NAME, await store.findOrInsert(NAME, sealer.seal(NAME, first)))
}

/** Seals it with the newest key. @returns whether it had been another; undefined when there is none yet */
export async function resealNonceSecret(store: ServerSecretStore, sealer: Sealer): Promise<boolean | undefined> {
  const box = await store.find(NAME)
  if (box === undefined) return undefined
  if (sealer.isCurrent(NAME, box)) return false
  await store.replace(NAME, sealer.seal(NAME, sealer.open(NAME, box)))
  return true
}
