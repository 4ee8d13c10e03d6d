import type { AuthorityOrder, CertificateAuthority, Generation } from '../certificate/certificate-authority.ts'
import type { Purpose } from '../certificate/distinguished-names.ts'
import type { Issuer } from '../create-issuer.ts'
import type { KeyStore } from '../key/create-key-store.ts'
import type { OcspSigner } from './build-ocsp-response.ts'
import type { OcspResponderDeps } from './create-ocsp-responder.ts'
import { makeOcspSigner } from './make-ocsp-signer.ts'

export interface OcspSignersDeps {
  readonly keys: KeyStore
  readonly issuer: Issuer
  authority(purpose: Purpose, generation: Generation): CertificateAuthority
  makeAuthority(order: AuthorityOrder): Promise<CertificateAuthority>
}

const DAY_MS = 24 * 60 * 60_000

/** Who may sign OCSP answers, and who may not but does when so ordered. */
export function createOcspSigners(
  deps: OcspSignersDeps,
): Pick<OcspResponderDeps, 'delegateOf' | 'misbehaviourContext'> {
  const { keys, issuer } = deps
  const made = new Map<string, Promise<OcspSigner>>()

  const once = (id: string, make: () => Promise<OcspSigner>): Promise<OcspSigner> => {
    const making = made.get(id) ?? make()
    made.set(id, making)
    making.catch(() => made.delete(id))
    return making
  }
  const delegateOf = (authority: CertificateAuthority, at: Date): Promise<OcspSigner> =>
    once(`delegate of ${authority.name} ${at.getUTCFullYear()}-${at.getUTCMonth()}`, () =>
      makeOcspSigner(keys, authority, at),
    )

  return {
    delegateOf,
    misbehaviourContext: (authority, request, now) => ({
      now,
      certIds: request.certIds,
      strangersDelegate: async () => {
        const { purpose } = authority
        return makeOcspSigner(keys, await deps.makeAuthority({ name: `${purpose}-stranger`, purpose }), now)
      },
      siblingsDelegate: () => delegateOf(deps.authority(authority.purpose, authority.name.endsWith('3') ? 2 : 3), now),
      cardHolder: () =>
        once(`card holder of ${authority.name}`, () => {
          const order = { label: 'who signs OCSP answers', authority }
          return authority.purpose === 'authentication'
            ? issuer.issueAuthenticationCertificate(order)
            : issuer.issueSignatureCertificate(order)
        }),
      expiredDelegate: () => makeOcspSigner(keys, authority, now, { notAfter: new Date(now.getTime() - DAY_MS) }),
    }),
  }
}
