import { randomBytes, randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { MAX_CHAIN_DEPTH } from '../../../src/subject/chain/trace-chain.ts'
import type { Pepper, Peppers } from '../../../src/subject/credential-handle.ts'
import { createSubjectResolver } from '../../../src/subject/create-subject-resolver.ts'
import type { LinkageService } from '../../../src/subject/linkage-service.ts'
import type { Resolved, SubjectResolver } from '../../../src/subject/resolution.ts'
import { identityOf } from '../../support/certificate-identity.ts'
import { createMemoryCredentialStore, type MemoryCredentialStore } from '../../support/memory-credential-store.ts'
import { noHandOvers } from '../../support/no-hand-overs.ts'
import { createScriptedLinkage, type ScriptedLinkage } from '../../support/scripted-linkage.ts'

const OLD: Pepper = { version: 1, key: Buffer.alloc(32, 1) }
const NEW: Pepper = { version: 2, key: Buffer.alloc(32, 2) }
const card = identityOf

let nation: ScriptedLinkage
let store: MemoryCredentialStore
let causes: string[]
let clock: Date

beforeEach(() => {
  nation = createScriptedLinkage()
  store = createMemoryCredentialStore()
  causes = []
  clock = new Date('2026-11-22T03:00:00Z')
})

function resolver(
  linkage: LinkageService = nation.previous,
  peppers: Peppers = [OLD],
  phones: { readonly acceptsPhones: boolean; readonly unknownCards: 'new' | 'ask' } = {
    acceptsPhones: false,
    unknownCards: 'new',
  },
): SubjectResolver {
  return createSubjectResolver({
    store,
    chains: store,
    handOvers: noHandOvers,
    linkage,
    ...phones,
    onLinkageUnavailable: (cause) => causes.push(cause),
    audit: { append: (event) => Promise.resolve(void store.events.push(event)) },
    peppers,
    now: () => clock,
    random: randomBytes,
    newId: randomUUID,
  })
}

const refused = (code: string) => ({ outcome: 'refused', code })
const logIn = async (name: string, how = resolver(), change: Parameters<typeof card>[1] = {}): Promise<Resolved> => {
  const resolved = await how.resolve(card(name, change))
  if (resolved.outcome !== 'known' && resolved.outcome !== 'created') throw new Error(JSON.stringify(resolved))
  return resolved
}
/** c0 is the first card of somebody, c1 replaced it, … */
function chainOf(length: number): void {
  for (let n = 1; n < length; n++) nation.replaces(card(`c${n}`), card(`c${n - 1}`))
}
const statuses = (): string[] => store.credentials.map(({ status }) => status).toSorted()

describe('refused, with nothing written', () => {
  test('an outage at the first question: never an account on “don’t know”', async () => {
    nation.goDown()
    expect(await resolver().resolve(card('c0'))).toEqual(refused('LINK_SERVICE_UNAVAILABLE'))
    expect([store.credentials, store.events]).toEqual([[], []])
    expect(causes).toEqual(['scripted'])
    nation.comeBack()
    expect(await resolver().resolve(card('c0'))).toMatchObject({ outcome: 'created' })
  })

  test('an outage half-way', async () => {
    chainOf(4)
    nation.goDown([card('c1')])
    expect(await resolver().resolve(card('c3'))).toEqual(refused('LINK_SERVICE_UNAVAILABLE'))
    expect(store.credentials).toEqual([])
  })

  test('a service so slow that the walk would take forever', async () => {
    chainOf(20)
    const { previousOf } = nation.previous
    const slow: LinkageService = {
      ...nation.previous,
      previousOf: (question) => {
        clock = new Date(clock.getTime() + 4000)
        return previousOf(question)
      },
    }
    expect(await resolver(slow).resolve(card('c19'))).toEqual(refused('LINK_SERVICE_UNAVAILABLE'))
    expect(causes).toEqual(['walk-took-too-long'])
    expect(store.credentials).toEqual([])
  })

  test.each([
    ['to itself', [['c0', 'c0']]],
    [
      'in a circle',
      [
        ['c2', 'c1'],
        ['c1', 'c0'],
        ['c0', 'c2'],
      ],
    ],
    [
      'into a circle further back',
      [
        ['c2', 'c1'],
        ['c1', 'c0'],
        ['c0', 'c1'],
      ],
    ],
  ])('a chain that leads back %s', async (_what, links) => {
    for (const [newer = '', older = ''] of links) nation.replaces(card(newer), card(older))
    expect(await resolver().resolve(card(links[0]?.[0] ?? ''))).toEqual(refused('LINK_CHAIN_LOOP'))
    expect(store.credentials).toEqual([])
  })

  test('one predecessor more than anybody can have', async () => {
    chainOf(MAX_CHAIN_DEPTH + 2)
    expect(await resolver().resolve(card(`c${MAX_CHAIN_DEPTH + 1}`))).toEqual(refused('LINK_CHAIN_TOO_LONG'))
    expect(store.credentials).toEqual([])
    expect(await resolver().resolve(card(`c${MAX_CHAIN_DEPTH}`))).toMatchObject({ outcome: 'created' })
  })

  test.each([
    ['suspended', 'LINK_ACCOUNT_SUSPENDED'],
    ['closed', 'LINK_ACCOUNT_CLOSED'],
  ] as const)('the renewed card of an account that is %s', async (status, code) => {
    chainOf(2)
    const { accountId } = await logIn('c0')
    store.setAccountStatus(accountId, status)
    expect(await resolver().resolve(card('c1'))).toEqual(refused(code))
    expect(store.credentials).toHaveLength(1)
  })

  test('the renewal of a card that was taken out of its account: it would bring it back', async () => {
    chainOf(2)
    const { credentialId } = await logIn('c0')
    store.setCredential(credentialId, { status: 'unlinked' })
    expect(await resolver().resolve(card('c1'))).toEqual(refused('LINK_CREDENTIAL_UNLINKED'))
    expect(store.credentials).toHaveLength(1)
  })

  test('attack 38: the replaced card, once its successor has signed in', async () => {
    chainOf(2)
    await logIn('c0')
    await logIn('c1')
    expect(await resolver().resolve(card('c0'))).toEqual(refused('LINK_CREDENTIAL_SUPERSEDED'))
  })

  test('a predecessor that was only ever named, whoever presents it', async () => {
    chainOf(3)
    await logIn('c2')
    for (const name of ['c0', 'c1']) {
      expect(await resolver().resolve(card(name))).toEqual(refused('LINK_CREDENTIAL_SUPERSEDED'))
    }
  })
})

describe('the chain', () => {
  test('attack 38: a renewed card reaches the same account and the same subject', async () => {
    chainOf(2)
    const first = await logIn('c0')
    const sub = await resolver().subjectFor(first.accountId, 'shop.example')
    const renewed = await logIn('c1')
    expect(renewed).toMatchObject({ outcome: 'known', accountId: first.accountId })
    expect(renewed.credentialId).not.toBe(first.credentialId)
    expect(await resolver().subjectFor(renewed.accountId, 'shop.example')).toBe(sub)
    expect(statuses()).toEqual(['current', 'superseded'])
    expect(store.events.slice(2)).toEqual([
      expect.objectContaining({ type: 'credential.first_seen', credentialId: renewed.credentialId }),
      {
        type: 'credential.linked',
        accountId: first.accountId,
        credentialId: renewed.credentialId,
        olderId: first.credentialId,
        relation: 'renewed_by',
      },
      { type: 'credential.superseded', accountId: first.accountId, credentialId: first.credentialId },
    ])
  })

  test('attack 38: the same serial under another issuer is a stranger, whatever its own chain says', async () => {
    chainOf(2)
    const { accountId } = await logIn('c0')
    const elsewhere = card('c0', { issuerNameDer: Buffer.from('30023100', 'hex') })
    const stranger = await resolver().resolve(elsewhere)
    expect(stranger).toMatchObject({ outcome: 'created' })
    expect(stranger).not.toMatchObject({ accountId })
  })

  test('a lost card that was revoked is followed by the one issued for it', async () => {
    nation.replaces(card('c1'), card('c0'), 'reissued')
    const { accountId, credentialId } = await logIn('c0')
    store.setCredential(credentialId, { status: 'revoked' })
    expect(await logIn('c1')).toMatchObject({ outcome: 'known', accountId })
    expect(store.links.map(({ relation }) => relation)).toEqual(['reissued_as'])
    expect(statuses()).toEqual(['current', 'revoked'])
  })

  test.each([1, 2, 5, MAX_CHAIN_DEPTH])(
    'a known card %i steps back: so many questions, the second time none',
    async (depth) => {
      chainOf(depth + 1)
      const { accountId } = await logIn('c0')
      const before = nation.asked
      expect(await logIn(`c${depth}`)).toMatchObject({ outcome: 'known', accountId })
      expect(nation.asked - before).toBe(depth)
      expect(await logIn(`c${depth}`)).toMatchObject({ outcome: 'known', accountId })
      expect(nation.asked - before).toBe(depth)
      expect(store.credentials).toHaveLength(depth + 1)
      expect(store.links).toHaveLength(depth)
    },
  )

  test('nobody known at the end of it: one account, the whole chain written', async () => {
    chainOf(3)
    expect(await logIn('c2')).toMatchObject({ outcome: 'created' })
    expect(statuses()).toEqual(['current', 'superseded', 'superseded'])
    expect(store.links).toHaveLength(2)
    expect(store.links[0]?.evidence).toEqual({ source: 'scripted', asOf: '2026-11-22T00:00:00.000Z' })
  })

  test('renewed while the old pepper was written: found under it', async () => {
    chainOf(3)
    const { accountId } = await logIn('c1')
    expect(await logIn('c2', resolver(nation.previous, [NEW, OLD]))).toMatchObject({ outcome: 'known', accountId })
  })

  test('a card of a merged account: its successor is put where it was, and signs in to the survivor', async () => {
    chainOf(2)
    const [gone, left] = [await logIn('c0'), await logIn('other')]
    store.setAccountStatus(gone.accountId, 'merged', left.accountId)
    const renewed = await logIn('c1')
    expect(renewed).toMatchObject({ outcome: 'known', accountId: left.accountId })
    expect(store.credentials.find((one) => one.credentialId === renewed.credentialId)?.accountId).toBe(gone.accountId)
  })
})

describe('a chain that reaches two accounts', () => {
  /** c0 and c1 came while nobody could be asked: one person, two accounts. */
  async function twoAccounts(): Promise<readonly [Resolved, Resolved]> {
    const alone: LinkageService = { style: 'none' }
    return [await logIn('c0', resolver(alone)), await logIn('c1', resolver(alone))]
  }

  test('goes to the nearer one, and the pair to the administrator’s list', async () => {
    chainOf(3)
    const [far, near] = await twoAccounts()
    expect(await logIn('c2')).toMatchObject({ outcome: 'known', accountId: near.accountId })
    expect(store.mergeCandidates).toMatchObject([{ accountId: near.accountId, otherAccountId: far.accountId }])
    expect(store.events.at(-1)).toEqual({
      type: 'account.merge_candidate',
      accountId: near.accountId,
      otherAccountId: far.accountId,
    })
    // what belongs to the other account is not touched
    expect(store.credentials.find((one) => one.credentialId === far.credentialId)?.status).toBe('current')
  })

  test('an outage behind the nearer account keeps nobody out', async () => {
    chainOf(3)
    const [, near] = await twoAccounts()
    nation.goDown([card('c1')])
    expect(await logIn('c2')).toMatchObject({ outcome: 'known', accountId: near.accountId })
    expect(store.mergeCandidates).toEqual([])
  })

  test('a circle behind the nearer account does: such a service is not believed', async () => {
    nation.replaces(card('c2'), card('c1'))
    nation.replaces(card('c1'), card('c2'))
    await twoAccounts()
    expect(await resolver().resolve(card('c2'))).toEqual(refused('LINK_CHAIN_LOOP'))
  })
})

describe('a service that names people', () => {
  const people = () => resolver(nation.person)

  test('an outage refuses an unknown card, and not a known one', async () => {
    nation.goDown()
    expect(await people().resolve(card('c0'))).toEqual(refused('LINK_SERVICE_UNAVAILABLE'))
    expect(store.credentials).toEqual([])
    const alone = await logIn('c1', resolver({ style: 'none' }))
    expect(await logIn('c1', people())).toMatchObject({ outcome: 'known', accountId: alone.accountId })
  })

  test('the same person, the same account; the card before is superseded', async () => {
    nation.holds('taro', card('c0'))
    nation.holds('taro', card('c1', { notAfter: new Date('2035-01-01T00:00:00Z') }))
    const first = await logIn('c0', people())
    const renewed = await people().resolve(card('c1', { notAfter: new Date('2035-01-01T00:00:00Z') }))
    expect(renewed).toMatchObject({ outcome: 'known', accountId: first.accountId })
    expect(nation.asked).toBe(2)
    expect(await people().resolve(card('c0'))).toEqual(refused('LINK_CREDENTIAL_SUPERSEDED'))
  })

  test('the older of two cards, seen later: recorded, and refused', async () => {
    nation.holds('taro', card('c0'))
    nation.holds('taro', card('c1', { notAfter: new Date('2035-01-01T00:00:00Z') }))
    await people().resolve(card('c1', { notAfter: new Date('2035-01-01T00:00:00Z') }))
    expect(await people().resolve(card('c0'))).toEqual(refused('LINK_CREDENTIAL_SUPERSEDED'))
    expect(statuses()).toEqual(['current', 'superseded'])
    expect(await people().resolve(card('c0'))).toEqual(refused('LINK_CREDENTIAL_SUPERSEDED'))
  })

  test('somebody without a name there is a new account, every time another one', async () => {
    const [one, other] = [await logIn('c0', people()), await logIn('c1', people())]
    expect(one.accountId).not.toBe(other.accountId)
  })

  test('a card that came before the service: its holder is asked for once, and the next card finds it', async () => {
    nation.holds('taro', card('c0'))
    nation.holds('taro', card('c1'))
    const first = await logIn('c0', resolver({ style: 'none' }))
    await logIn('c0', people())
    await logIn('c0', people())
    expect(nation.asked).toBe(1)
    expect(await logIn('c1', people())).toMatchObject({ outcome: 'known', accountId: first.accountId })
  })

  test('card and phone of one person: one account, both in use, whichever came first', async () => {
    const later = new Date('2035-01-01T00:00:00Z')
    for (const name of ['c0', 'p0', 'p1']) nation.holds('taro', card(name))
    const phone = await logIn('p0', people(), { medium: 'phone' })
    expect(await logIn('c0', people(), { notAfter: later })).toMatchObject({
      outcome: 'known',
      accountId: phone.accountId,
    })
    // which of two phones is the newer, and whether they stand side by side, nobody says
    expect(await logIn('p1', people(), { medium: 'phone' })).toMatchObject({ accountId: phone.accountId })
    for (const [name, change] of [
      ['p0', { medium: 'phone' }],
      ['p1', { medium: 'phone' }],
      ['c0', {}],
    ] as const) {
      expect(await logIn(name, people(), change)).toMatchObject({ outcome: 'known' })
    }
    expect(store.credentials.map(({ kind }) => kind).toSorted()).toEqual(['card-auth', 'phone-auth', 'phone-auth'])
    expect(statuses()).toEqual(['current', 'current', 'current'])
  })

  test('two accounts of one person from before are a merge candidate', async () => {
    nation.holds('taro', card('c0'))
    nation.holds('taro', card('c1'))
    const alone = resolver({ style: 'none' })
    const [one, other] = [await logIn('c0', alone), await logIn('c1', alone)]
    await logIn('c0', people())
    await logIn('c1', people())
    expect(store.mergeCandidates).toMatchObject([{ accountId: other.accountId, otherAccountId: one.accountId }])
  })
})

describe('a phone, where the service knows predecessors only', () => {
  const asking = (unknownCards: 'new' | 'ask') =>
    resolver(nation.previous, [OLD], { acceptsPhones: true, unknownCards })
  const phone = (name: string) => card(name, { medium: 'phone' })

  test.each(['new', 'ask'] as const)('is never guessed to be somebody new (UNKNOWN_CARDS %s)', async (unknownCards) => {
    expect(await asking(unknownCards).resolve(phone('p0'))).toEqual({ outcome: 'newcomer' })
    expect(store.credentials).toEqual([])
    expect(await asking(unknownCards).admit(phone('p0'))).toMatchObject({ outcome: 'created' })
    expect(store.credentials).toMatchObject([{ kind: 'phone-auth', status: 'current' }])
  })

  test.each([
    ['new', 'created'],
    ['ask', 'newcomer'],
  ] as const)('beside phones a first card is %s: %s', async (unknownCards, outcome) => {
    expect(await asking(unknownCards).resolve(card('c0'))).toMatchObject({ outcome })
  })

  test('that replaced one which is known needs nobody’s word, nor does a renewed card', async () => {
    await asking('ask').admit(phone('p0'))
    await asking('ask').admit(card('c0'))
    nation.replaces(phone('p1'), phone('p0'))
    nation.replaces(card('c1'), card('c0'))
    expect(await asking('ask').resolve(phone('p1'))).toMatchObject({ outcome: 'known' })
    expect(await asking('ask').resolve(card('c1'))).toMatchObject({ outcome: 'known' })
    expect(await asking('ask').resolve(phone('p0'))).toEqual(refused('LINK_CREDENTIAL_SUPERSEDED'))
  })

  test('an outage asks nobody and makes nothing', async () => {
    nation.goDown()
    expect(await asking('ask').resolve(phone('p0'))).toEqual(refused('LINK_SERVICE_UNAVAILABLE'))
    expect(await asking('ask').redeem(phone('p0'), '')).toEqual(refused('LINK_SERVICE_UNAVAILABLE'))
    expect(store.credentials).toEqual([])
  })
})
