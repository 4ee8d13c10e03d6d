import { randomUUID } from 'node:crypto'
import type { AuditLog } from '../audit/audit-log.ts'
import { createSignInJournal } from '../audit/create-sign-in-journal.ts'
import type { TrustAnchors } from '../certificate/anchor/trust-anchor.ts'
import { createCertificateJudge } from '../certificate/create-certificate-judge.ts'
import { jpkiAuthenticationProfile } from '../certificate/profile/jpki-profiles.ts'
import type { RevocationSource } from '../certificate/revocation/revocation-source.ts'
import type { Config } from '../config/config.ts'
import type { Log } from '../observability/log.ts'
import type { Metrics } from '../observability/metrics/create-metrics.ts'
import type { Sealer } from '../sealing/create-sealer.ts'
import { createSignIn, type SignIn } from '../sign-in/sign-in.ts'
import { createChainStore } from '../storage/chain-store.ts'
import { createCredentialStore } from '../storage/credential-store.ts'
import type { Database } from '../storage/database.ts'
import { createHandOverStore } from '../storage/hand-over-store.ts'
import { createSubjectResolver } from '../subject/create-subject-resolver.ts'
import { importPeppers } from '../subject/credential-handle.ts'
import type { SubjectResolver } from '../subject/resolution.ts'
import type { LinkageService } from '../subject/linkage-service.ts'
import { countOutcomes, timeSteps } from './measure/measure-sign-in.ts'
import { limitCards, limitClients } from './limit-sign-ins.ts'
import type { ShortLived } from './open-short-lived.ts'

export interface OpenSignInDependencies {
  readonly config: Config
  readonly database: Database
  readonly shortLived: Pick<ShortLived, 'tickets' | 'choices' | 'rateLimits'>
  readonly anchors: TrustAnchors
  readonly revocation: RevocationSource
  readonly linkage: LinkageService
  readonly audit: AuditLog
  readonly sealer: Sealer
  readonly log: Log
  readonly metrics: Metrics
  readonly now: () => Date
  readonly random: (octets: number) => Uint8Array
}

/** From a card's response to an account: the ceremony, its judge and the resolver behind it. */
export function openSignIn(deps: OpenSignInDependencies): {
  readonly signIn: SignIn
  readonly subjects: SubjectResolver
} {
  const { config, database, shortLived, anchors, revocation, linkage, audit, sealer, log, metrics, now, random } = deps
  const peppers = importPeppers(config.handlePeppers.reveal())
  const limits = shortLived.rateLimits
  const subjects = createSubjectResolver({
    store: createCredentialStore(database),
    chains: createChainStore(database),
    handOvers: createHandOverStore(database),
    linkage,
    unknownCards: config.unknownCards,
    acceptsPhones: config.phonePolicies.length > 0,
    audit,
    peppers,
    now,
    random,
    newId: randomUUID,
    onLinkageUnavailable: (cause) => {
      log.warn({ cause }, 'the linkage service had no answer')
    },
  })
  const signIn = createSignIn({
    tickets: shortLived.tickets,
    choices: shortLived.choices,
    judge: timeSteps(
      createCertificateJudge({
        anchors,
        profile: jpkiAuthenticationProfile({ phonePolicies: config.phonePolicies }),
        revocation,
        now,
      }),
      metrics,
    ),
    sealer,
    accounts: timeSteps({ ...subjects, ...limitCards(subjects, { limits, peppers }) }, metrics),
    journal: countOutcomes(createSignInJournal(audit), metrics),
    providerOrigin: config.issuer,
    now,
    random,
    onFault: (fault) => {
      log.error({ err: fault }, 'a response could not be judged')
    },
  })
  return { signIn: timeSteps(limitClients(signIn, limits), metrics), subjects }
}
