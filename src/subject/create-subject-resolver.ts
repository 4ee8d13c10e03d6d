import type { AuditLog } from '../audit/audit-log.ts'
import type { CertificateIdentity } from '../certificate/judgement.ts'
import { Refusal } from '../error-registry/refusal.ts'
import type { ChainStore } from './chain/chain-store.ts'
import { joinChain, joinKnownChain } from './chain/join-chain.ts'
import { nameKnownHolder } from './chain/name-known-holder.ts'
import { pepperIdentity, underEachPepper, type Peppers } from './credential-handle.ts'
import type { CredentialStore, PresentedCredential, SignInRecord } from './credential-store.ts'
import type { HandOverStore } from './hand-over/hand-over-store.ts'
import { redeemHandOverCode } from './hand-over/redeem-hand-over-code.ts'
import { judgeKnownCredential } from './judge-known-credential.ts'
import type { LinkageService } from './linkage-service.ts'
import type { Refused, Resolution, Resolved, SubjectResolver } from './resolution.ts'
import { whoSaysWhoseItIs } from './who-says-whose-it-is.ts'

export interface SubjectResolverDependencies {
  readonly store: CredentialStore
  readonly chains: ChainStore
  readonly handOvers: HandOverStore
  readonly linkage: LinkageService
  /** What an unknown card means where nobody can say whose it is: a new account, or a question to the person. */
  readonly unknownCards: 'new' | 'ask'
  /** Phones sign in too. A service that names predecessors relates no phone to a card (jpki.md §3). */
  readonly acceptsPhones: boolean
  readonly audit: AuditLog
  readonly peppers: Peppers
  readonly now: () => Date
  readonly random: (octets: number) => Uint8Array
  /** Random UUIDs. */
  readonly newId: () => string
  /** The linkage service had no answer; a word for the operator's log. */
  readonly onLinkageUnavailable: (cause: string) => void
}

/** Each lost race was won by another log-in or an administrator, whose work the next round finds. */
const MAX_ROUNDS = 5
const SUBJECT_OCTETS = 32
const NEWCOMER = { outcome: 'newcomer' } as const

/** One way to give an unknown card its account; undefined: something changed meanwhile, look again. */
type Admission<Outcome> = (presented: PresentedCredential) => Promise<Outcome | undefined>

export function createSubjectResolver(deps: SubjectResolverDependencies): SubjectResolver {
  const { store, linkage, unknownCards, audit, peppers, now, random } = deps

  const recognise = async (
    identity: CertificateIdentity,
    presented: PresentedCredential,
    record?: SignInRecord,
  ): Promise<Resolved | Refused | undefined> => {
    // with a service that names persons more may have to happen before it is a sign-in
    const known = await store.use(presented, now(), linkage.style === 'person' ? undefined : record)
    if (known === undefined) return undefined
    const { accountId, credentialId, signOuts, hasNews, isRecorded } = known
    const code = judgeKnownCredential(known)
    if (code === undefined) {
      if (linkage.style === 'person' && !known.isTraced) await nameKnownHolder({ ...deps, linkage }, identity, known)
      return { outcome: 'known', accountId, credentialId, signOuts, hasNews, isRecorded }
    }
    if (code === 'CERT_IDENTITY_CONFLICT') await audit.append({ type: 'credential.conflict', accountId, credentialId })
    return { outcome: 'refused', code }
  }

  const settle = async <Outcome>(
    identity: CertificateIdentity,
    admission: Admission<Outcome>,
    record?: SignInRecord,
  ): Promise<Resolved | Refused | Outcome> => {
    const presented: PresentedCredential = {
      kind: identity.medium === 'phone' ? 'phone-auth' : 'card-auth',
      identities: underEachPepper(peppers, (pepper) => pepperIdentity(pepper, identity)),
      issuerKeyId: identity.issuerKeyId,
      notAfter: identity.notAfter,
    }
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const outcome = (await recognise(identity, presented, record)) ?? (await admission(presented))
      if (outcome !== undefined) return outcome
    }
    throw new Refusal('SERVER_STORAGE_UNAVAILABLE', 'a credential changed faster than it could be read')
  }

  return {
    resolve: (identity, record): Promise<Resolution> =>
      settle(
        identity,
        async (presented) => {
          const says = whoSaysWhoseItIs(deps, identity.medium)
          if (says === 'both') return joinKnownChain(deps, identity, presented)
          return says === 'person' && unknownCards === 'ask' ? NEWCOMER : joinChain(deps, identity, presented)
        },
        record,
      ),

    admit: (identity) => settle(identity, (presented) => joinChain(deps, identity, presented)),

    redeem: (identity, typedCode) =>
      settle(identity, async (presented) => {
        // where the linkage service can be asked, what it says is worth more than a code
        const says = whoSaysWhoseItIs(deps, identity.medium)
        if (says === 'service') return joinChain(deps, identity, presented)
        const joined = says === 'both' ? await joinKnownChain(deps, identity, presented) : NEWCOMER
        return joined?.outcome === 'newcomer' ? redeemHandOverCode(deps, presented, typedCode) : joined
      }),

    subjectFor: (accountId, sector) =>
      store.subject(accountId, sector, Buffer.from(random(SUBJECT_OCTETS)).toString('base64url'), now()),

    isActive: async (accountId) => (await store.accountStatus(accountId)) === 'active',
  }
}
