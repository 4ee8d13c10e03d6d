import { z } from 'zod'
import type { AuditFilter } from '../../../audit/browse/audit-browser.ts'

/** A filter as the form of the page has it; what cannot be meant is left out. */
export interface WrittenFilter {
  readonly filter: AuditFilter
  /** As it was written, to be shown again. */
  readonly texts: Readonly<Record<(typeof NAMES)[number], string>>
  /** Names of the fields that were not understood. */
  readonly faults: readonly string[]
}

const NAMES = ['type', 'accountId', 'clientId', 'code', 'actor', 'from', 'until'] as const
const uuid = z.uuid()
/** What `datetime-local` sends; Japan, as the page says. */
const LOCAL_TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?)?$/

export function readFilter(query: Readonly<Record<string, string>>): WrittenFilter {
  const texts = Object.fromEntries(NAMES.map((name) => [name, (query[name] ?? '').trim().slice(0, 255)])) as Record<
    (typeof NAMES)[number],
    string
  >
  const faults: string[] = []
  const account = texts.accountId
  if (account !== '' && !uuid.safeParse(account).success) faults.push('accountId')
  const [from, until] = (['from', 'until'] as const).map((name) => {
    const at = timeOf(texts[name])
    if (at === undefined && texts[name] !== '') faults.push(name)
    return at
  })
  const text = (name: 'type' | 'clientId' | 'code' | 'actor'): string | undefined => texts[name] || undefined
  return {
    filter: {
      type: text('type'),
      accountId: account === '' || faults.includes('accountId') ? undefined : account,
      clientId: text('clientId'),
      code: text('code'),
      actor: text('actor'),
      from,
      until,
    },
    texts,
    faults,
  }
}

/** The same filter in an address. */
export function queryOf(texts: WrittenFilter['texts'], before?: bigint): string {
  const wishes = new URLSearchParams(Object.entries(texts).filter(([, text]) => text !== ''))
  if (before !== undefined) wishes.set('before', before.toString())
  return wishes.toString()
}

function timeOf(text: string): Date | undefined {
  if (!LOCAL_TIME.test(text)) return undefined
  const at = new Date(`${text.includes('T') ? text : `${text}T00:00`}+09:00`)
  return Number.isNaN(at.getTime()) ? undefined : at
}
