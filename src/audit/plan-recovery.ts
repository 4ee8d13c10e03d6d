import type { AuditEvent } from './audit-event.ts'

/** An event of a copy of the log that was kept outside, which the database does not have: it was restored to a time before it. */
export interface LostEvent {
  readonly type: string
  readonly accountId?: string | undefined
  readonly credentialId?: string | undefined
  readonly clientId?: string | undefined
  readonly details: Readonly<Record<string, unknown>>
}

export interface PersonAtSite {
  readonly accountId: string
  readonly clientId: string
}

/** What is held until somebody has looked. Each list without repetitions. */
export interface RecoveryPlan {
  /** Cards that were unlinked, or replaced. */
  readonly unlink: readonly string[]
  readonly supersede: readonly string[]
  /** What was agreed and taken back. */
  readonly withdraw: readonly PersonAtSite[]
  /** Users of sites that were parted from a card. */
  readonly part: readonly PersonAtSite[]
  /** Accounts to which something was done that cannot be done again from here. */
  readonly suspend: readonly string[]
  /** Sites whose registration or secret was changed. */
  readonly disableClients: readonly string[]
  readonly retireKeys: readonly string[]
  /** People who first came after the backup was made: they come back as new ones, with another `sub`. */
  readonly newPeople: number
}

type Effect = 'harmless' | 'asks-again' | 'parts' | 'unlinks' | 'supersedes' | 'ends-key' | 'holds'

/**
 * What to have forgotten each event would mean. Harmless: it gives nobody a right that was taken away, or belongs to what ends with
 * every recovery anyway (sessions, grants, codes).
 */
export const EFFECT_WHEN_LOST: Readonly<Partial<Record<string, Effect>>> = {
  'sign_in.succeeded': 'harmless',
  'sign_in.refused': 'harmless',
  'session.ended': 'harmless',
  'site.disconnected': 'harmless',
  'account.created': 'harmless',
  'account.merge_candidate': 'harmless',
  // closed it is still, and erased again
  'account.erased': 'harmless',
  'pepper.changed': 'harmless',
  // the recovery ends the same, and a server at the other place is refused
  'short_lived.moved': 'harmless',
  'credential.first_seen': 'harmless',
  'credential.conflict': 'harmless',
  // the linkage service says it again
  'credential.linked': 'harmless',
  'hand_over.created': 'harmless',
  'database.recovered': 'harmless',
  'consent.given': 'harmless',
  'consent.declined': 'harmless',
  'consent.withdrawn': 'asks-again',
  // tickets end with every recovery, and a link that was made is made again
  'link_ticket.made': 'harmless',
  'link_ticket.ended': 'harmless',
  'link_ticket.refused': 'harmless',
  'external_account.linked': 'harmless',
  'external_account.removed': 'parts',
  // every open one ends with a recovery, and what was done has an event of its own
  'proposal.made': 'harmless',
  'proposal.approved': 'harmless',
  'proposal.rejected': 'harmless',
  'proposal.withdrawn': 'harmless',
  'proposal.expired': 'harmless',
  'merge_candidate.dismissed': 'harmless',
  'credential.unlinked': 'unlinks',
  'credential.superseded': 'supersedes',
  'hand_over.redeemed': 'supersedes',
  'signing_key.changed': 'ends-key',
  'client.changed': 'holds',
  'credential.linked_by_hand': 'holds',
  'account.merged': 'holds',
  'account.split': 'holds',
  'account.suspended': 'holds',
  'account.reopened': 'holds',
  'account.closed': 'holds',
  'operation.undone': 'holds',
  // rights that somebody got and lost again with the database, and what ends with every recovery
  'admin.invited': 'harmless',
  'admin.invitation_withdrawn': 'harmless',
  'admin.joined': 'harmless',
  'admin.signed_in': 'harmless',
  'admin.signed_out': 'harmless',
  'admin.act_begun': 'harmless',
  'admin.act_refused': 'harmless',
  // they would have their rights back
  'admin.role_changed': 'holds',
  'admin.removed': 'holds',
  'admin.api_client_changed': 'holds',
} satisfies Partial<Record<AuditEvent['type'], Effect>>

/**
 * In doubt, hold: what a later release does, and this one does not know, suspends the account it was done to, or else stops the site.
 * Only a card that was taken out is exactly that again, since nothing else depends on it.
 */
export function planRecovery(lost: readonly LostEvent[]): RecoveryPlan {
  const unlink = new Set<string>()
  const supersede = new Set<string>()
  const suspend = new Set<string>()
  const disableClients = new Set<string>()
  const retireKeys = new Set<string>()
  const withdraw = new Map<string, PersonAtSite>()
  const part = new Map<string, PersonAtSite>()
  let newPeople = 0

  for (const { type, accountId, credentialId, clientId, details } of lost) {
    const text = (name: string): string | undefined => {
      const value = details[name]
      return typeof value === 'string' ? value : undefined
    }
    const hold = (): void => {
      const otherAccountId = text('otherAccountId')
      if (accountId !== undefined) suspend.add(accountId)
      if (otherAccountId !== undefined) suspend.add(otherAccountId)
      if (accountId === undefined && clientId !== undefined) disableClients.add(clientId)
    }
    if (type === 'account.created') newPeople++
    const effect = EFFECT_WHEN_LOST[type] ?? 'holds'
    switch (effect) {
      case 'harmless':
        break
      case 'asks-again':
      case 'parts':
        if (accountId === undefined || clientId === undefined) hold()
        else (effect === 'parts' ? part : withdraw).set(`${accountId} ${clientId}`, { accountId, clientId })
        break
      case 'unlinks':
        if (credentialId === undefined) hold()
        else unlink.add(credentialId)
        break
      case 'supersedes': {
        const replaced = type === 'hand_over.redeemed' ? text('olderId') : credentialId
        if (replaced === undefined) hold()
        else supersede.add(replaced)
        break
      }
      case 'ends-key': {
        const kid = text('kid')
        if (kid !== undefined && ENDS_A_KEY.has(text('change') ?? '')) retireKeys.add(kid)
        break
      }
      case 'holds':
        hold()
    }
  }
  return {
    unlink: [...unlink],
    supersede: [...supersede],
    withdraw: [...withdraw.values()],
    part: [...part.values()],
    suspend: [...suspend],
    disableClients: [...disableClients],
    retireKeys: [...retireKeys],
    newPeople,
  }
}

const ENDS_A_KEY = new Set(['retired', 'erased'])
