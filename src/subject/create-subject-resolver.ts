import type { AuditLog } from '../audit/audit-log.ts'
import type { CertificateIdentity } from '../certificate/judgement.ts'
import { Refusal } from '../error-registry/refusal.ts'
import type { ErrorCode } from '../error-registry/registry.ts'
import { admitNewcomer } from './admit-newcomer.ts'
import { pepperIdentity, type Peppers } from './credential-handle.ts'
import type { CredentialStore, PresentedCredential } from './credential-store.ts'
import { judgeKnownCredential } from './judge-known-credential.ts'

export interface SubjectResolverDependencies {
  readonly store: CredentialStore
  readonly audit: AuditLog
  readonly peppers: Peppers
  readonly now: () => Date
  readonly random: (octets: number) => Uint8Array
  /** Random UUIDs. */
  readonly newId: () => string
}

export type Resolution =
  | { readonly outcome: 'known' | 'created'; readonly accountId: string; readonly credentialId: string }
  | { readonly outcome: 'refused'; readonly code: ErrorCode }

export interface SubjectResolver {
  /**
   * The account behind a certificate that was judged good.
   *
   * @throws Refusal SERVER_STORAGE_UNAVAILABLE
   */
  resolve(identity: CertificateIdentity): Promise<Resolution>
  /** What a site of this sector calls the account: 43 characters base64url, random, the same for ever. */
  subjectFor(accountId: string, sector: string): Promise<string>
  /** Whether the account may hold sessions and tokens. */
  isActive(accountId: string): Promise<boolean>
}

/** Each lost race was won by another log-in of the same card, which the next round finds. */
const MAX_ROUNDS = 3
const SUBJECT_OCTETS = 32

export function createSubjectResolver(deps: SubjectResolverDependencies): SubjectResolver {
  const { store, audit, peppers, now, random } = deps
  return {
    async resolve(identity) {
      const presented = present(peppers, identity)
      for (let round = 0; round < MAX_ROUNDS; round++) {
        const known = await store.use(presented, now())
        if (known !== undefined) {
          const { accountId, credentialId } = known
          const code = judgeKnownCredential(known)
          if (code === undefined) return { outcome: 'known', accountId, credentialId }
          if (code === 'CERT_IDENTITY_CONFLICT') {
            await audit.append({ type: 'credential.conflict', accountId, credentialId })
          }
          return { outcome: 'refused', code }
        }
        const created = await admitNewcomer(deps, presented)
        if (created !== undefined) return { outcome: 'created', ...created }
      }
      throw new Refusal('SERVER_STORAGE_UNAVAILABLE', 'a credential that exists was not found')
    },

    subjectFor: (accountId, sector) =>
      store.subject(accountId, sector, Buffer.from(random(SUBJECT_OCTETS)).toString('base64url'), now()),

    isActive: async (accountId) => (await store.accountStatus(accountId)) === 'active',
  }
}

function present([first, ...others]: Peppers, identity: CertificateIdentity): PresentedCredential {
  return {
    identities: [pepperIdentity(first, identity), ...others.map((pepper) => pepperIdentity(pepper, identity))],
    issuerKeyId: identity.issuerKeyId,
    notAfter: identity.notAfter,
  }
}
