import type { AuditActor } from '../../audit/audit-event.ts'
import type { Role } from '../../administration/role.ts'

/** An administrator, with the card that opened this session or, where a fresh tap was asked for, the card of that tap. */
export interface Admin {
  readonly accountId: string
  readonly credentialId: string
  readonly role: Role
}

/** Who calls the API: an administrator through a program, or a program by itself. */
export type Caller =
  | ({ readonly kind: 'administrator'; readonly clientId: string } & Admin)
  | { readonly kind: 'service'; readonly clientId: string }

/** As the audit log names them. */
export function actorOfAdmin({ accountId }: Pick<Admin, 'accountId'>): AuditActor {
  return `admin:${accountId}`
}

export function actorOfCaller(caller: Caller): AuditActor {
  return caller.kind === 'administrator' ? actorOfAdmin(caller) : `service:${caller.clientId}`
}
