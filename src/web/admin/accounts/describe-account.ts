import type { AccountRecord } from '../../../administration/account/account-record.ts'
import type { ClientLookup } from '../../../relying-party/client-registry.ts'
import type { GraphCredential } from '../../../subject/graph/account-graph-store.ts'
import { familyCredentials, presentedSubjects } from '../../../subject/graph/find-in-snapshot.ts'
import { writeDay, writeMoment } from '../../describe-overview.ts'
import type { Locale } from '../../locale.ts'
import type { Translate } from '../../messages.ts'
import { drawGraph } from './draw-graph.ts'
import { layOutGraph, type GraphLayout } from './lay-out-graph.ts'

/** A letter for each account of a family: A is the one that is left. */
export const letterOf = (lane: number): string => (lane < 26 ? String.fromCharCode(65 + lane) : `A${lane}`)

/** An account in the words of its page. */
export async function describeAccount(
  record: AccountRecord,
  { locale, t, clients }: { readonly locale: Locale; readonly t: Translate; readonly clients: ClientLookup },
) {
  const { accountId, snapshot, operations, sessions, sites, external, notices } = record
  const account = snapshot.accounts.find((one) => one.accountId === accountId)
  const layout = layOutGraph(snapshot, accountId)
  const nameOf = async (clientId: string) => (await clients.find(clientId))?.displayName[locale] ?? clientId
  const toldAt = new Map(notices.map((notice) => [notice.operationId, notice.toldAt]))
  return {
    accountId,
    status: account?.status ?? 'closed',
    isErased: account?.erasedAt !== undefined,
    since: account && writeMoment(account.since, locale),
    created: account && writeMoment(account.createdAt, locale),
    merged: layout.lanes.slice(1).map(({ accountId: id, lane }) => ({ accountId: id, letter: letterOf(lane) })),
    graph: snapshot.credentials.length === 0 ? undefined : drawGraph(layout, wordsOf(layout, locale, t)),
    notDrawn: layout.left,
    cards: describeCards(record, layout, locale),
    subjects: presentedSubjects(snapshot, accountId).map(({ sector, sub, accountId: from }) => {
      return { sector, sub, isInherited: snapshot.inherited.some((one) => one.sub === sub && from === accountId) }
    }),
    external: await Promise.all(
      external.map(async ({ clientId, externalId, linkedAt }) => {
        return { clientId, name: await nameOf(clientId), externalId, linked: writeDay(linkedAt, locale) }
      }),
    ),
    sites: await Promise.all(
      sites.map(async ({ clientId, firstAt, lastAt, isLive }) => {
        const [first, last] = [writeDay(firstAt, locale), writeDay(lastAt, locale)]
        return { clientId, name: await nameOf(clientId), first, last, isLive }
      }),
    ),
    sessions: sessions.map(({ reference, signedInAt, expiresAt }) => {
      return { reference, signedIn: writeMoment(signedInAt, locale), expires: writeMoment(expiresAt, locale) }
    }),
    operations: operations.map(({ id, act, actor, reason, at, undoes, undoneBy, otherAccountId }) => ({
      ...{ id, act, actor, reason, otherAccountId, undoes, undoneBy },
      at: writeMoment(at, locale),
      isTold: toldAt.has(id),
      told: optionally(toldAt.get(id), (when) => writeMoment(when, locale)),
    })),
  }
}

export function shortId(id: string): string {
  return id.slice(0, 8)
}

function optionally<Value, Result>(value: Value | undefined, write: (value: Value) => Result): Result | undefined {
  return value === undefined ? undefined : write(value)
}

function describeCards({ accountId, snapshot }: AccountRecord, { nodes, lanes }: GraphLayout, locale: Locale) {
  const numbers = new Map(nodes.map(({ credential, number }) => [credential.credentialId, number]))
  const laneOf = new Map(lanes.map(({ accountId: id, lane }) => [id, lane]))
  const isInUse = ({ status, kind }: GraphCredential) => status === 'current' && kind !== 'card-sign'
  const shown = familyCredentials(snapshot, accountId).toSorted(
    (one, other) =>
      (numbers.get(one.credentialId) ?? Infinity) - (numbers.get(other.credentialId) ?? Infinity) ||
      Number(other.firstSeenAt) - Number(one.firstSeenAt),
  )
  return shown.map((card) => ({
    credentialId: card.credentialId,
    shortId: shortId(card.credentialId),
    number: numbers.get(card.credentialId),
    letter: letterOf(laneOf.get(card.accountId) ?? 0),
    kind: card.kind,
    status: card.status,
    isInUse: isInUse(card),
    mayComeBack: card.status !== 'current' && card.status !== 'revoked' && card.notAfter !== undefined,
    firstSeen: writeMoment(card.firstSeenAt, locale),
    lastUsed: card.lastUsedAt && writeMoment(card.lastUsedAt, locale),
    ends: card.notAfter && writeDay(card.notAfter, locale),
    replaces: snapshot.links
      .filter(({ newerId }) => newerId === card.credentialId)
      .map(({ olderId, relation, actor, at }) => ({
        ...{ olderId, relation, actor },
        shortId: shortId(olderId),
        number: numbers.get(olderId),
        at: writeDay(at, locale),
      })),
  }))
}

function wordsOf({ nodes, left }: GraphLayout, locale: Locale, t: Translate) {
  return {
    title: t('admin.account.graph.title', { count: String(nodes.length + left) }),
    lane: ({ lane }: { readonly lane: number }) => letterOf(lane),
    node: ({ credential: { kind, status, firstSeenAt } }: { readonly credential: GraphCredential }) =>
      [
        `${t(`admin.account.kind.${kind}`)} · ${t(`admin.account.card.${status}`)}`,
        writeDay(firstSeenAt, locale).text,
      ] as const,
    edge: ({ relation, newer, older }: Parameters<Parameters<typeof drawGraph>[1]['edge']>[0]) =>
      t('admin.account.graph.edge', {
        newer: String(newer.number),
        older: String(older.number),
        relation: t(`admin.account.relation.${relation}`),
      }),
  }
}
