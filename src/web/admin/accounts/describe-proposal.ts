import type { Effects } from '../../../administration/proposal/describe-effects.ts'
import { stateAt, type Proposal } from '../../../administration/proposal/proposal.ts'
import type { ProposedAct } from '../../../administration/proposal/proposed-act.ts'
import type { ChangedFact } from '../../../administration/proposal/seen-facts.ts'
import type { AccountRecords } from '../../../administration/account/account-record.ts'
import type { ClientLookup } from '../../../relying-party/client-registry.ts'
import { writeMoment } from '../../describe-overview.ts'
import type { Locale } from '../../locale.ts'
import type { Translate } from '../../messages.ts'
import { shortId } from './describe-account.ts'

/** One line of a list of proposals. */
export function describeProposal(proposal: Proposal, locale: Locale, now: Date) {
  const { id, proposed, reason, proposer, proposedAt, expiresAt, needs, accountIds, closed } = proposal
  return {
    ...{ id, act: proposed.act, reason, needs },
    state: stateAt(proposal, now),
    accountId: accountIds[0],
    shortId: shortId(id),
    accountShortId: shortId(accountIds[0] ?? ''),
    proposer: proposer.actor,
    proposed: writeMoment(proposedAt, locale),
    expires: writeMoment(expiresAt, locale),
    closed: closed && {
      at: writeMoment(closed.at, locale),
      by: closed.by.actor,
      reason: closed.reason,
      operationId: closed.operationId,
    },
  }
}

/** What is meant, as facts: for the page, and for the page on which the card is tapped. */
export function factsOfAct(
  proposed: ProposedAct,
  t: Translate,
): readonly { readonly label: string; readonly value: string }[] {
  const fact = (key: string, value: string) => ({ label: t(`admin.proposal.fact.${key}`), value })
  const act = fact('act', t(`admin.proposal.act.${proposed.act}`))
  switch (proposed.act) {
    case 'link': {
      const { credentialId, accountId, supersedes } = proposed
      return [
        ...[act, fact('card', credentialId), fact('into', accountId)],
        ...(supersedes === undefined ? [] : [fact('replaces', supersedes)]),
      ]
    }
    case 'unlink':
      return [act, fact('card', proposed.credentialId)]
    case 'merge':
      return [act, fact('gone', proposed.accountId), fact('into', proposed.into)]
    case 'split':
      return [act, fact('account', proposed.accountId), fact('cards', proposed.credentialIds.join(', '))]
    case 'undo':
      return [act, fact('operation', proposed.operationId)]
    default:
      return [act, fact('account', proposed.accountId)]
  }
}

/** One thing that is not as it was seen, in words: `current in <id>` is what storage and the log say. */
export function describeChange({ what, before, now }: ChangedFact, t: Translate) {
  const [kind = '', ...rest] = what.split(' ')
  const write = (value: string | undefined): string => {
    if (value === undefined) return '—'
    const [word = '', place, id = ''] = value.split(' ')
    if (kind === 'sub') return value
    if (kind === 'link') return t(`admin.account.relation.${word}`)
    const said =
      word === 'erased'
        ? t('admin.account.erased')
        : t(`admin.account.${kind === 'account' ? 'status' : 'card'}.${word}`)
    return place === undefined ? said : `${said} · ${shortId(id)}…`
  }
  return { kind: t(`admin.proposal.seen.${kind}`), name: rest.join(' '), before: write(before), now: write(now) }
}

/** The preview: exactly what changes, in the words of the page. */
export async function describeEffectsOf(
  effects: Effects,
  {
    locale,
    records,
    clients,
  }: { readonly locale: Locale; readonly records: AccountRecords; readonly clients: ClientLookup },
) {
  const held = await records.holdings(effects.ends.map(({ accountId }) => accountId))
  const nameOf = async (clientId: string) => (await clients.find(clientId))?.displayName[locale] ?? clientId
  const isNew = new Set(effects.accounts.flatMap((one) => (one.before === undefined ? [one.accountId] : [])))
  const placeOf = (accountId: string) => ({ accountId, shortId: shortId(accountId), isNew: isNew.has(accountId) })
  return {
    accounts: effects.accounts.map((one) => ({ ...one, ...placeOf(one.accountId) })),
    cards: effects.cards.map(({ credentialId, kind, before, after }) => ({
      ...{ credentialId, kind },
      shortId: shortId(credentialId),
      before: { ...before, ...placeOf(before.accountId) },
      after: { ...after, ...placeOf(after.accountId) },
    })),
    links: effects.links.map(({ newerId, olderId, isAdded }) => {
      return { newerId: shortId(newerId), olderId: shortId(olderId), isAdded }
    }),
    people: effects.people.map(({ from, to, credentialIds, sites }) => ({
      from: placeOf(from),
      to: placeOf(to),
      cards: credentialIds.map(shortId),
      // what stays as it is needs no row
      unchanged: sites.filter(({ before, after }) => before === after).length,
      sites: sites.filter(({ before, after }) => before !== after),
    })),
    ends: await Promise.all(
      effects.ends.map(async ({ accountId, credentialId }) => {
        const { sessions = [], sites = [] } = held.get(accountId) ?? {}
        const told = await Promise.all(sites.filter(({ isLive }) => isLive).map(({ clientId }) => nameOf(clientId)))
        return { ...placeOf(accountId), card: credentialId && shortId(credentialId), sessions: sessions.length, told }
      }),
    ),
  }
}
