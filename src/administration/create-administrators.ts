import type { AuditActor } from '../audit/audit-event.ts'
import { Refusal } from '../error-registry/refusal.ts'
import { mayRole, type Act } from './permissions.ts'
import type { Administrator, AdminState, AdminStore, Invitation } from './admin-store.ts'
import type { Role } from './role.ts'
import { digestSecret, drawSecret, isSecret, type RandomBytes } from './secret-token.ts'

export interface AdministratorsDependencies {
  readonly store: AdminStore
  readonly now: () => Date
  readonly random: RandomBytes
  /** Random UUIDs. */
  readonly newId: () => string
}

/** An owner in the console, or whoever has the command line and with it the database. */
export type Appointer = { readonly accountId: string } | 'operator'

export interface MadeInvitation extends Invitation {
  /** Shown once. Whoever has it and a card of their own becomes an administrator. */
  readonly token: string
}

/** How long a link waits. */
export const INVITATION_MS = 24 * 60 * 60_000

/**
 * Who administers. Each rule is decided on what was read under one lock: two owners who remove each other at once cannot both.
 *
 * @throws Refusal ADMIN_FORBIDDEN, ADMIN_OWN_ROLE, ADMIN_LAST_OWNER, ADMIN_OWNER_EXISTS, ADMIN_NOT_ADMINISTRATOR, ADMIN_ALREADY_ADMINISTRATOR,
 *   ADMIN_INVITATION_INVALID
 */
export interface Administrators {
  list(): Promise<AdminState>
  /** @param options.ownersLost the operator says that no owner can sign in any more: another first one */
  invite(role: Role, by: Appointer, options?: { readonly ownersLost?: boolean }): Promise<MadeInvitation>
  withdrawInvitation(invitationId: string, by: Appointer): Promise<void>
  invitation(token: string): Promise<Invitation | undefined>
  /** By the tap of a card that stands for the account. Used once, whoever comes first. */
  accept(tokenDigest: Uint8Array, who: { readonly accountId: string; readonly credentialId: string }): Promise<Role>
  changeRole(accountId: string, role: Role, by: Appointer): Promise<void>
  remove(accountId: string, by: Appointer): Promise<void>
}

export function createAdministrators(deps: AdministratorsDependencies): Administrators {
  const { store, now, random, newId } = deps

  return {
    list: () => store.read(now()),

    async invite(role, by, { ownersLost = false } = {}) {
      const token = drawSecret(random)
      const at = now()
      const invitation: Invitation = {
        id: newId(),
        role,
        isFirst: by === 'operator' && role === 'owner' && !ownersLost,
        madeBy: actorOf(by),
        createdAt: at,
        expiresAt: new Date(at.getTime() + INVITATION_MS),
      }
      await store.change(at, (state) => {
        requireOwner(state, by, 'administrators.invite')
        if (invitation.isFirst && hasOwner(state)) {
          throw new Refusal('ADMIN_OWNER_EXISTS', 'owners invite each other in the console')
        }
        return {
          actor: invitation.madeBy,
          invite: { ...invitation, tokenDigest: digestSecret(token) },
          events: [{ type: 'admin.invited', invitationId: invitation.id, role }],
        }
      })
      return { ...invitation, token }
    },

    async withdrawInvitation(invitationId, by) {
      await store.change(now(), (state) => {
        requireOwner(state, by, 'administrators.invite')
        const invitation = state.invitations.find(({ id }) => id === invitationId)
        if (invitation === undefined) throw new Refusal('ADMIN_INVITATION_INVALID')
        return {
          actor: actorOf(by),
          endInvitation: invitationId,
          events: [{ type: 'admin.invitation_withdrawn', invitationId, role: invitation.role }],
        }
      })
    },

    invitation: async (token) => (isSecret(token) ? store.invitation(digestSecret(token), now()) : undefined),

    async accept(tokenDigest, { accountId, credentialId }) {
      const { role } = await store.change(
        now(),
        (state, invitation) => {
          if (invitation === undefined || (invitation.isFirst && hasOwner(state))) {
            throw new Refusal('ADMIN_INVITATION_INVALID')
          }
          if (!inviterStillMay(state, invitation)) {
            throw new Refusal('ADMIN_INVITATION_INVALID', 'whoever invited is no owner any more')
          }
          if (state.administrators.some((one) => one.accountId === accountId)) {
            throw new Refusal('ADMIN_ALREADY_ADMINISTRATOR', 'the invitation stays good for somebody else')
          }
          const { id: invitationId, role } = invitation
          return {
            role,
            actor: `admin:${accountId}` as const,
            put: [{ accountId, role, grantedBy: accountOf(invitation.madeBy) }],
            endInvitation: invitationId,
            events: [{ type: 'admin.joined', accountId, credentialId, invitationId, role }] as const,
          }
        },
        tokenDigest,
      )
      return role
    },

    async changeRole(accountId, role, by) {
      await store.change(now(), (state) => {
        requireOwner(state, by, 'administrators.change-role')
        const { role: before } = administratorIn(state, accountId, by)
        if (before === role) throw new Refusal('ADMIN_OPERATION_REFUSED', 'that is their role already')
        if (role !== 'owner') refuseWithoutOwner(state, accountId)
        return {
          actor: actorOf(by),
          put: [{ accountId, role, grantedBy: by === 'operator' ? undefined : by.accountId }],
          events: [{ type: 'admin.role_changed', accountId, before, role }],
        }
      })
    },

    async remove(accountId, by) {
      await store.change(now(), (state) => {
        requireOwner(state, by, 'administrators.remove')
        const { role } = administratorIn(state, accountId, by)
        refuseWithoutOwner(state, accountId)
        return {
          actor: actorOf(by),
          remove: [accountId],
          events: [{ type: 'admin.removed', accountId, role }],
        }
      })
    },
  }
}

const isOwner = ({ role, stands }: Administrator): boolean => role === 'owner' && stands
const hasOwner = ({ administrators }: AdminState): boolean => administrators.some(isOwner)

/** Decided anew under the lock: they may have been removed a moment ago. */
function requireOwner({ administrators }: AdminState, by: Appointer, act: Act): void {
  if (by === 'operator') return
  const admin = administrators.find(({ accountId, stands }) => accountId === by.accountId && stands)
  if (admin === undefined || !mayRole(admin.role, act)) throw new Refusal('ADMIN_FORBIDDEN', 'no owner any more')
}

function inviterStillMay({ administrators }: AdminState, { madeBy }: Invitation): boolean {
  const inviter = accountOf(madeBy)
  return inviter === undefined || administrators.some((one) => one.accountId === inviter && isOwner(one))
}

/** Nobody changes their own role, nor removes themselves: whoever leaves is let go by another owner. */
function administratorIn({ administrators }: AdminState, accountId: string, by: Appointer): Administrator {
  if (by !== 'operator' && by.accountId === accountId) throw new Refusal('ADMIN_OWN_ROLE')
  const found = administrators.find((one) => one.accountId === accountId)
  if (found === undefined) throw new Refusal('ADMIN_NOT_ADMINISTRATOR')
  return found
}

/** Without an owner nobody could ever appoint one again. One who does not stand is no loss. */
function refuseWithoutOwner({ administrators }: AdminState, leaving: string): void {
  const left = administrators.filter(({ accountId }) => accountId !== leaving)
  const goes = administrators.find(({ accountId }) => accountId === leaving)
  if (goes !== undefined && isOwner(goes) && !left.some(isOwner)) throw new Refusal('ADMIN_LAST_OWNER')
}

function actorOf(by: Appointer): AuditActor {
  return by === 'operator' ? 'operator' : `admin:${by.accountId}`
}

function accountOf(actor: AuditActor): string | undefined {
  return actor.startsWith('admin:') ? actor.slice('admin:'.length) : undefined
}
