import type { AuditEvent } from '../../audit/audit-event.ts'
import type { PepperedHandles } from '../credential-handle.ts'
import type { AccountStatus, CredentialKind, CredentialStatus, PresentedCredential } from '../credential-store.ts'

/** SHA-256 of the linkage service's name for a person. */
export type PersonDigest = Uint8Array & { readonly __brand: 'PersonDigest' }

/** The relation of a link, read from the older to the newer credential. */
export type LinkRelation = 'renewed_by' | 'reissued_as' | 'linked_by_admin' | 'hand_over'

/** What a link rests on. Names of services and dates; never a serial. */
export type LinkEvidence = Readonly<Record<string, string>>

/** The credential that was presented and is not known yet. */
export interface NewCredential {
  readonly credentialId: string
  readonly kind: CredentialKind
  readonly presented: PresentedCredential
  /** `superseded`: the first thing we hear of it is that there is a newer one. */
  readonly status: 'current' | 'superseded'
  /** Where the linkage service names people. */
  readonly personDigest?: PersonDigest
}

/** A predecessor that only the linkage service has named. */
export interface NamedCredential {
  readonly credentialId: string
  readonly kind: CredentialKind
  readonly handles: PepperedHandles
}

/** A credential as it is recorded. */
export interface RecordedCredential {
  readonly credentialId: string
  readonly kind: CredentialKind
  readonly status: CredentialStatus
  readonly notAfter: Date | undefined
  /** The linkage service was asked about it, to the end. */
  readonly isTraced: boolean
  /** The account it was put in; that one may have been merged into another since. */
  readonly homeAccountId: string
  /** The account it leads to now, and whether that one may be signed in to. */
  readonly accountId: string
  readonly accountStatus: AccountStatus
}

export interface NewLink {
  readonly newerId: string
  readonly olderId: string
  readonly relation: LinkRelation
  readonly evidence: LinkEvidence
}

/** Everything that one first log-in of a card changes. */
export interface ChainWrite {
  readonly at: Date
  /** Where the new credentials are put. */
  readonly account: { readonly accountId: string; readonly isNew: boolean }
  readonly current: NewCredential
  readonly named: readonly NamedCredential[]
  /** What was read, and must still be so. */
  readonly recorded: readonly RecordedCredential[]
  /** Of the recorded ones. */
  readonly superseded: readonly string[]
  /** Found under an older pepper, and seen again now: their handles move to the first one. */
  readonly moved: readonly { readonly credentialId: string; readonly handles: PepperedHandles }[]
  /** New or recorded; a link that stands already is left as it is. */
  readonly links: readonly NewLink[]
  /** New or recorded: the service has said all it knows about them. */
  readonly traced: readonly string[]
  readonly mergeCandidate?: {
    readonly id: string
    readonly accountId: string
    readonly otherAccountId: string
    readonly evidence: LinkEvidence
  }
}

/** Port: chains of credentials. */
export interface ChainStore {
  find(handles: PepperedHandles): Promise<RecordedCredential | undefined>

  /** Every credential of a person, newest first sight first. */
  findPerson(person: PersonDigest): Promise<readonly RecordedCredential[]>

  /**
   * The whole chain and its events in one transaction. `unique(handle)` decides races.
   *
   * @returns false, with nothing written, when something of it became known or changed meanwhile: of N parallel callers with
   *   one new credential exactly one gets true
   */
  write(chain: ChainWrite, events: readonly AuditEvent[]): Promise<boolean>

  /**
   * Remembers of a known credential what the service calls its holder (`undefined`: it has no name for them), with the event
   * and the candidate for a merge that come of it.
   */
  nameHolder(
    credentialId: string,
    person: PersonDigest | undefined,
    at: Date,
    mergeCandidate: ChainWrite['mergeCandidate'],
    events: readonly AuditEvent[],
  ): Promise<void>
}
