import { expect, test } from 'vitest'
import { checkHistory } from '../../faults/check-history.ts'
import { toldBy, type HistoryEntry } from '../../faults/history.ts'

const at = (from: number, to = from + 1) => ({ from, to })
const redeemed = (code: string, sub = 'one', when = at(1)): HistoryEntry => ({
  ...when,
  op: 'redeem',
  code,
  persona: 'taro',
  told: 'ok',
  sub,
})
const OUTAGE: HistoryEntry = { ...at(100, 200), op: 'fault', name: 'Redis killed', outage: true, recoveredAfterMs: 1 }
const REVOKED: HistoryEntry = { ...at(10, 20), op: 'revoke', token: 't', told: 'ok' }
const active = (from: number): HistoryEntry => ({ ...at(from), op: 'introspect', token: 't', told: 'active' })

test.each<{ what: string; entries: HistoryEntry[]; violations: number }>([
  { what: 'a code that was good twice', entries: [redeemed('a'), redeemed('a')], violations: 1 },
  { what: 'two codes of one person', entries: [redeemed('a'), redeemed('b')], violations: 0 },
  { what: 'a person with two subjects', entries: [redeemed('a'), redeemed('b', 'two')], violations: 1 },
  {
    what: 'a ticket that was answered twice',
    entries: [
      { ...at(1), op: 'answer', ticket: 'x', told: 'ok' },
      { ...at(2), op: 'answer', ticket: 'x', told: 'ok' },
    ],
    violations: 1,
  },
  { what: 'a token that is active after its revocation', entries: [REVOKED, active(21)], violations: 1 },
  {
    what: 'a token that was asked about before its revocation was told',
    entries: [REVOKED, active(19)],
    violations: 0,
  },
  {
    what: 'a revocation that nobody acknowledged',
    entries: [{ ...REVOKED, told: 'unknown' }, active(21)],
    violations: 0,
  },
  {
    what: 'tokens that were granted in an outage',
    entries: [OUTAGE, redeemed('a', 'one', at(120, 130))],
    violations: 1,
  },
  { what: 'a token that was called active in an outage', entries: [OUTAGE, active(150)], violations: 1 },
  { what: 'what an outage caught half-way', entries: [OUTAGE, redeemed('a', 'one', at(99, 130))], violations: 0 },
  {
    what: 'what was answered when the outage was over',
    entries: [OUTAGE, redeemed('a', 'one', at(150, 201))],
    violations: 0,
  },
])('$what: $violations violations', ({ entries, violations }) => {
  expect(checkHistory(entries)).toHaveLength(violations)
})

test.each([
  [200, 'ok'],
  [303, 'ok'],
  [400, 'refused'],
  [403, 'refused'],
  [429, 'unknown'],
  [502, 'unknown'],
  [503, 'unknown'],
  [undefined, 'unknown'],
] as const)('an answer of %s is %s', (status, told) => {
  expect(toldBy(status)).toBe(told)
})
