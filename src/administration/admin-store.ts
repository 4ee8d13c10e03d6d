import type { AuditActor, AuditEvent } from '../audit/audit-event.ts'
import type { Role } from './role.ts'

export interface Administrator {
  readonly accountId: string
  readonly role: Role
  /** Account of whoever gave it; undefined for the first owner and for what the operator's command line did. */
  readonly grantedBy: string | undefined
  readonly at: Date
  /** The account is active and has a card that signs in. Who is not standing has no rights, and counts for nothing. */
  readonly stands: boolean
  readonly lastSignedInAt: Date | undefined
}

export interface Invitation {
  readonly id: string
  readonly role: Role
  /** Good only while there is no owner. */
  readonly isFirst: boolean
  readonly madeBy: AuditActor
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** Everything that a rule about administrators looks at; they are few. */
export interface AdminState {
  readonly administrators: readonly Administrator[]
  /** Those that stand. */
  readonly invitations: readonly Invitation[]
}

/** What a rule decided: all of it is written in one transaction, or none. */
export interface AdminPlan {
  readonly actor: AuditActor
  readonly put?: readonly { readonly accountId: string; readonly role: Role; readonly grantedBy: string | undefined }[]
  /** Their sessions end too. */
  readonly remove?: readonly string[]
  readonly invite?: Invitation & { readonly tokenDigest: Uint8Array }
  /** Used, or taken back. */
  readonly endInvitation?: string
  readonly events: readonly AuditEvent[]
}

/** Port: administrators. */
export interface AdminStore {
  /**
   * Reads, asks for a decision and writes it, while nobody else decides about administrators or accounts.
   *
   * @param tokenDigest of an invitation that somebody brought: named to `decide` when it stands
   * @throws what `decide` throws, with nothing written
   */
  change<Plan extends AdminPlan>(
    at: Date,
    decide: (state: AdminState, broughtInvitation: Invitation | undefined) => Plan,
    tokenDigest?: Uint8Array,
  ): Promise<Plan>
  read(at: Date): Promise<AdminState>
  /** Of an account that stands. */
  roleOf(accountId: string): Promise<Role | undefined>
  /** @returns undefined when it does not stand: unknown, used, taken back or over */
  invitation(tokenDigest: Uint8Array, at: Date): Promise<Invitation | undefined>
}
