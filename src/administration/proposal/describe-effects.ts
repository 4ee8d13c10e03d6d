import type { CredentialKind, CredentialStatus, AccountStatus } from '../../subject/credential-store.ts'
import type { GraphPlan, GraphSnapshot, SignOut } from '../../subject/graph/account-graph-store.ts'
import { credentialIn, presentedSubjects, survivorOf } from '../../subject/graph/find-in-snapshot.ts'
import { applyChanges } from './apply-changes.ts'

interface CardPlace {
  /** Where it leads to. */
  readonly accountId: string
  readonly status: CredentialStatus
}

/** What an act will change, exactly. */
export interface Effects {
  /** Those whose standing changes; without `before`: made by it. */
  readonly accounts: readonly {
    readonly accountId: string
    readonly before: AccountStatus | undefined
    readonly after: AccountStatus
    readonly mergedInto: string | undefined
  }[]
  readonly cards: readonly {
    readonly credentialId: string
    readonly kind: CredentialKind
    readonly before: CardPlace
    readonly after: CardPlace
  }[]
  readonly links: readonly { readonly newerId: string; readonly olderId: string; readonly isAdded: boolean }[]
  readonly people: readonly PeopleEffect[]
  /** Sessions and tokens that end; with a `credentialId` those that came of its taps. */
  readonly ends: readonly SignOut[]
}

/** What sites see of those who hold these cards. */
export interface PeopleEffect {
  readonly from: string
  readonly to: string
  readonly credentialIds: readonly string[]
  readonly sites: readonly SiteEffect[]
}

export interface SiteEffect {
  readonly sector: string
  /** Undefined: the site does not know them. */
  readonly before: string | undefined
  /** Undefined: the site will see somebody new. */
  readonly after: string | undefined
}

export function describeEffects(before: GraphSnapshot, { operation, signsOut }: GraphPlan): Effects {
  const after = applyChanges(before, operation.changes, operation.at)
  const placeIn = (snapshot: GraphSnapshot, credentialId: string): CardPlace => {
    const { accountId, status } = credentialIn(snapshot, credentialId)
    return { accountId: survivorOf(snapshot, accountId), status }
  }
  const cards = before.credentials.map(({ credentialId, kind }) => ({
    credentialId,
    kind,
    before: placeIn(before, credentialId),
    after: placeIn(after, credentialId),
  }))
  const standing = new Map(before.accounts.map((one) => [one.accountId, one]))
  return {
    accounts: after.accounts.flatMap(({ accountId, status, mergedInto }) => {
      const was = standing.get(accountId)
      if (was?.status === status && was.mergedInto === mergedInto) return []
      return [{ accountId, before: was?.status, after: status, mergedInto }]
    }),
    cards: cards.filter(
      (one) => one.before.accountId !== one.after.accountId || one.before.status !== one.after.status,
    ),
    links: operation.changes.flatMap((change) =>
      change.kind === 'link-added' || change.kind === 'link-undone'
        ? [{ newerId: change.newerId, olderId: change.olderId, isAdded: change.kind === 'link-added' }]
        : [],
    ),
    people: [...Map.groupBy(cards, (one) => `${one.before.accountId} ${one.after.accountId}`).values()].flatMap(
      (group) => {
        const [first] = group
        if (first === undefined) return []
        const [from, to] = [first.before.accountId, first.after.accountId]
        const credentialIds = group.map(({ credentialId }) => credentialId)
        return [{ from, to, credentialIds, sites: sitesOf(before, from, after, to) }]
      },
    ),
    ends: signsOut,
  }
}

function sitesOf(before: GraphSnapshot, from: string, after: GraphSnapshot, to: string): readonly SiteEffect[] {
  const subsOf = (snapshot: GraphSnapshot, accountId: string) =>
    new Map(presentedSubjects(snapshot, accountId).map(({ sector, sub }) => [sector, sub]))
  const [was, becomes] = [subsOf(before, from), subsOf(after, to)]
  return [...new Set([...was.keys(), ...becomes.keys()])]
    .toSorted()
    .map((sector) => ({ sector, before: was.get(sector), after: becomes.get(sector) }))
}
