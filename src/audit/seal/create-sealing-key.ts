import { createPrivateKey, sign } from 'node:crypto'
import type { PrivateJwks } from '../../signing-key/load-signing-keys.ts'
import type { SealingKey } from './audit-signer.ts'

/** The provider's ES256 key that signs now seals too. @param keys private, the signing one of each algorithm first */
export function createSealingKey({ keys }: PrivateJwks): SealingKey {
  const jwk = keys.find(({ alg }) => alg === 'ES256')
  if (jwk?.kid === undefined) throw new Error('no ES256 key to seal the audit log with')
  const key = createPrivateKey({ key: jwk, format: 'jwk' })
  return { kid: jwk.kid, sign: (bytes) => sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }) }
}
