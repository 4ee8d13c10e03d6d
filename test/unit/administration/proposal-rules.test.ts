import { describe, expect, test } from 'vitest'
import { judgeApprover, judgeRejecter } from '../../../src/administration/proposal/judge-decider.ts'
import { neededEyes } from '../../../src/administration/proposal/needed-eyes.ts'
import { stateAt, type Decider, type NeededEyes, type Proposal } from '../../../src/administration/proposal/proposal.ts'
import { proposedActSchema } from '../../../src/administration/proposal/proposed-act.ts'
import { changedFacts, factsOf, versionOf } from '../../../src/administration/proposal/seen-facts.ts'
import { APPROVABLE_ACTS } from '../../../src/config/settings/approvals.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import { reasonSchema } from '../../../src/administration/reason.ts'
import { accountQueryOf, readAccountQuery } from '../../../src/web/admin/accounts/read-account-query.ts'
import { GRAPH_ACTS, type GraphSnapshot } from '../../../src/subject/graph/account-graph-store.ts'

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const AT = new Date('2026-11-22T03:00:00Z')
const admin = (n: number, role: Decider['role'] = 'approver'): Decider => {
  return { actor: `admin:${id(n)}`, accountId: id(n), role }
}

const SNAPSHOT: GraphSnapshot = {
  accounts: [
    ...[id(10), id(11)].map((accountId, n) => ({
      ...{ accountId, createdAt: AT, since: AT, erasedAt: undefined },
      ...(n === 0
        ? { status: 'active' as const, mergedInto: undefined }
        : { status: 'merged' as const, mergedInto: id(10) }),
    })),
  ],
  credentials: [
    {
      ...{ credentialId: id(20), accountId: id(11), kind: 'card-auth', status: 'current' },
      ...{ firstSeenAt: AT, lastUsedAt: AT, notAfter: undefined },
    },
  ],
  links: [],
  subjects: [{ accountId: id(10), sector: 'shop', sub: 'sub' }],
  inherited: [],
  externalAccounts: [],
}

const PROPOSAL: Proposal = {
  ...{ id: id(1), sequence: '1', proposed: { act: 'suspend', accountId: id(10) }, reason: 'why', toldAs: undefined },
  ...{ proposer: admin(2, 'linker'), proposedAt: AT, expiresAt: new Date(AT.getTime() + 1), needs: 'administrator' },
  ...{ accountIds: [id(10)], seen: {}, state: 'open', closed: undefined },
}

describe('attack 44: who may decide', () => {
  test.each<[string, Decider, NeededEyes, string | undefined, ReadonlyMap<string, string>?]>([
    ['the proposer', admin(2), 'administrator', 'ADMIN_OWN_PROPOSAL'],
    ['the proposer as owner', admin(2, 'owner'), 'owner', 'ADMIN_OWN_PROPOSAL'],
    ['the proposer by another account', admin(3), 'administrator', 'ADMIN_OWN_PROPOSAL', new Map([[id(2), id(3)]])],
    ['the person', admin(10, 'owner'), 'administrator', 'ADMIN_OWN_ACCOUNT'],
    ['the person by a merged account', admin(11, 'owner'), 'administrator', 'ADMIN_OWN_ACCOUNT'],
    ['an approver where an owner is needed', admin(4), 'owner', 'ADMIN_OWNER_NEEDED'],
    ['a program where an owner is needed', { actor: 'service:x' }, 'owner', 'ADMIN_OWNER_NEEDED'],
    ['an approver', admin(4), 'administrator', undefined],
    ['an owner', admin(4, 'owner'), 'owner', undefined],
    ['the operator at the command line', { actor: 'operator' }, 'owner', undefined],
  ])('%s', (_who, by, needs, code, survivors = new Map()) => {
    const judge = () => {
      judgeApprover({ proposal: PROPOSAL, by, snapshot: SNAPSHOT, needs, survivors })
    }
    if (code === undefined) expect(judge).not.toThrow()
    else expect(judge).toThrow(expect.objectContaining({ code }))
  })

  test.each([
    [admin(2), 'ADMIN_OWN_PROPOSAL'],
    [admin(10, 'owner'), 'ADMIN_OWN_ACCOUNT'],
  ])('nor may they stop it: %#', (by, code) => {
    expect(() => {
      judgeRejecter({ proposal: PROPOSAL, by, snapshot: SNAPSHOT, survivors: new Map() })
    }).toThrow(expect.objectContaining({ code }))
  })
})

describe('whose eyes are needed', () => {
  const nobody = { roles: new Map() }
  test.each(GRAPH_ACTS)('%s of an administrator’s account: an owner’s, whatever the policy says', (act) => {
    expect(neededEyes(act, new Set(), { roles: new Map([[id(10), 'viewer']]) }, admin(2))).toBe('owner')
  })
  test.each(GRAPH_ACTS)('%s: as the policy says, and of a program always somebody’s', (act) => {
    expect(neededEyes(act, new Set([act]), nobody, admin(2))).toBe('administrator')
    expect(neededEyes(act, new Set(), nobody, admin(2))).toBe('nobody')
    expect(neededEyes(act, new Set(), nobody, { actor: 'service:x' })).toBe('administrator')
  })
  test('the setting speaks of exactly the acts that there are; suspending is not asked about unless one wishes', () => {
    expect(APPROVABLE_ACTS).toEqual(GRAPH_ACTS)
    const policyOf = (text?: string) =>
      loadConfig({ REVOCATION_SOURCES: 'none', DATA_DIR: '/nonexistent', ...SECRETS, ADMIN_APPROVALS: text }).approvals
    expect(GRAPH_ACTS.filter((act) => !policyOf().acts.includes(act))).toEqual(['suspend'])
    expect(policyOf('all').acts).toEqual(GRAPH_ACTS)
    expect(policyOf('merge, undo').acts).toEqual(['merge', 'undo'])
    for (const wrong of ['none', 'everything', 'merge;undo', 'merge,'])
      expect(() => policyOf(wrong)).toThrow('ADMIN_APPROVALS')
  })
})

const SECRETS = {
  COOKIE_KEYS: 'cookie key '.repeat(4),
  HANDLE_PEPPER: `1:${Buffer.alloc(32, 1).toString('base64')}`,
  KEY_ENCRYPTION_KEY: Buffer.alloc(32, 2).toString('base64'),
}

describe('what was seen', () => {
  test('a sign-in changes nothing of it; a status, a place, a link or a sub does', () => {
    const seen = factsOf(SNAPSHOT, { withSubjects: true })
    const used = SNAPSHOT.credentials.map((one) => ({ ...one, lastUsedAt: new Date(0), notAfter: AT }))
    expect(factsOf({ ...SNAPSHOT, credentials: used }, { withSubjects: true })).toEqual(seen)
    const unlinked = SNAPSHOT.credentials.map((one) => ({ ...one, status: 'unlinked' as const }))
    expect(
      changedFacts(seen, factsOf({ ...SNAPSHOT, credentials: unlinked, subjects: [] }, { withSubjects: true })),
    ).toEqual([
      { what: `credential ${id(20)}`, before: `current in ${id(11)}`, now: `unlinked in ${id(11)}` },
      { what: `sub of ${id(10)} at shop`, before: 'sub', now: undefined },
    ])
  })

  test('its name is the same in any order, and another with every open proposal', () => {
    expect(versionOf({ a: '1', b: '2' }, ['x', 'y'])).toBe(versionOf({ b: '2', a: '1' }, ['y', 'x']))
    const names = [
      versionOf({ a: '1' }, []),
      versionOf({ a: '1' }, ['x']),
      versionOf({ a: '2' }, []),
      versionOf({}, []),
    ]
    expect(new Set(names).size).toBe(names.length)
  })

  test('at its time limit a proposal is over, whether a job has been there or not', () => {
    expect(stateAt(PROPOSAL, AT)).toBe('open')
    expect(stateAt(PROPOSAL, PROPOSAL.expiresAt)).toBe('expired')
    expect(stateAt({ ...PROPOSAL, state: 'executed' }, PROPOSAL.expiresAt)).toBe('executed')
  })
})

test.each([
  [{ act: 'suspend' }],
  [{ act: 'suspend', accountId: 'not an id' }],
  [{ act: 'split', accountId: id(10), credentialIds: [] }],
  [{ act: 'merge', accountId: id(10), into: id(11), force: true }],
  [{ act: 'erase', accountId: id(10) }],
])('%j is nothing that can be proposed', (act) => {
  expect(proposedActSchema.safeParse(act).success).toBe(false)
})

test.each(['\u0000', 'a\u0000b', 'two\nlines'])('%j is looked for nowhere: no database takes it', (text) => {
  expect(readAccountQuery({ text, createdFrom: '2026-13-01', createdUntil: '2026-11-22', nonsense: 'x' })).toEqual({
    written: { createdUntil: '2026-11-22' },
    faults: ['text', 'createdFrom'],
  })
})

test.each(['', '   ', 'x'.repeat(1001), 'a\u0000b'])('%j is no reason', (reason) => {
  expect(reasonSchema.safeParse(reason).success).toBe(false)
})

test('a day is all of its hours, in Japan', () => {
  expect(accountQueryOf({ createdFrom: '2026-11-22', createdUntil: '2026-11-22' }).created).toEqual({
    from: new Date('2026-11-21T15:00:00Z'),
    until: new Date('2026-11-22T15:00:00Z'),
  })
})
