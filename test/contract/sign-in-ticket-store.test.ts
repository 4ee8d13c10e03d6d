import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Digest, Ticket, TicketStore } from '../../src/sign-in/ticket-store.ts'
import { PLACES, type TestPlace } from '../support/places.ts'

const NOW = new Date('2026-11-22T03:00:00Z')
const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000)
const digest = (): Digest => new Uint8Array(randomBytes(32)) as Digest
const PARALLEL = 50

function ticketOf(interactionId: string): Ticket {
  return {
    interactionId,
    clientId: 'shop',
    nonce: 'n'.repeat(43),
    context: '{"client_id":"shop"}',
    relyingParty: { name: '見本の店', origin: 'https://shop.example' },
    locale: 'ja',
    revocationPolicy: 'require-good',
  }
}

describe.each(PLACES)('ticket store in $name', ({ openPlace }) => {
  let place: TestPlace
  let store: TicketStore

  beforeAll(async () => {
    place = await openPlace(() => NOW)
    store = place.tickets
  })
  afterAll(() => place.remove())

  const limits = { expiresAt: later(300), maxPerInteraction: 10 }
  const accepted = { state: 'accepted', sealedEvidence: Buffer.from('sealed evidence') } as const

  async function issued(): Promise<{ id: Digest; ticket: Ticket }> {
    const id = digest()
    const ticket = ticketOf(randomBytes(16).toString('hex'))
    await store.create(id, ticket, limits)
    return { id, ticket }
  }
  async function claimed(): Promise<{ id: Digest; ticket: Ticket }> {
    const made = await issued()
    await store.claim(made.id, { now: NOW, expiresAt: later(120) })
    return made
  }
  async function answered(): Promise<{ id: Digest; ticket: Ticket }> {
    const made = await claimed()
    await store.takeNonce(made.id, NOW)
    return made
  }
  async function settled(): Promise<{ id: Digest; ticket: Ticket; code: Digest }> {
    const made = await answered()
    const code = digest()
    await store.settle(made.id, accepted, { ...made.ticket, codeDigest: code, now: NOW, expiresAt: later(60) })
    return { ...made, code }
  }

  const moves = {
    claim: (id: Digest, now: Date) => store.claim(id, { now, expiresAt: later(120) }),
    takeNonce: (id: Digest, now: Date) => store.takeNonce(id, now),
  }

  test.each([
    ['claim', 'a ticket that never was', () => Promise.resolve({ id: digest() }), NOW, 'not-found'],
    ['claim', 'one past its time', issued, later(301), 'expired'],
    ['claim', 'one at its last moment', issued, later(300), 'expired'],
    ['claim', 'a claimed one', claimed, NOW, 'claimed'],
    ['claim', 'an answered one', answered, NOW, 'used'],
    ['claim', 'a settled one', settled, NOW, 'used'],
    ['takeNonce', 'a ticket that never was', () => Promise.resolve({ id: digest() }), NOW, 'not-found'],
    ['takeNonce', 'one that no agent claimed', issued, NOW, 'not-found'],
    ['takeNonce', 'one past the time of its claim', claimed, later(121), 'expired'],
    ['takeNonce', 'an answered one', answered, NOW, 'used'],
    ['takeNonce', 'a settled one, long after', settled, later(1000), 'used'],
  ] as const)('%s misses %s', async (move, _what, make, now, miss) => {
    const { id } = await make()
    expect(await moves[move](id, now)).toBe(miss)
  })

  test('a ticket goes through the ceremony unchanged', async () => {
    const { id, ticket } = await issued()
    expect(await store.claim(id, { now: NOW, expiresAt: later(120) })).toEqual({ ticket, expiresAt: later(120) })
    expect(await store.takeNonce(id, NOW)).toEqual(ticket)
    const code = digest()
    expect(await store.settle(id, accepted, { ...ticket, codeDigest: code, now: NOW, expiresAt: later(60) })).toBe(true)
    expect(await store.takeCompletion(code, NOW)).toEqual({
      interactionId: ticket.interactionId,
      clientId: 'shop',
      outcome: accepted,
    })
  })

  test('a claim never lengthens the life of a ticket', async () => {
    const { id } = await issued()
    const taken = await store.claim(id, { now: later(290), expiresAt: later(410) })
    expect(taken).toMatchObject({ expiresAt: later(300) })
  })

  test('a refusal keeps its code and no evidence', async () => {
    const { id, ticket } = await answered()
    const code = digest()
    await store.settle(
      id,
      { state: 'refused', code: 'PIN_BLOCKED' },
      { ...ticket, codeDigest: code, now: NOW, expiresAt: later(60) },
    )
    expect(await store.takeCompletion(code, NOW)).toMatchObject({ outcome: { state: 'refused', code: 'PIN_BLOCKED' } })
  })

  test('settle moves nothing that is not answered, or is too late', async () => {
    const completion = { ...ticketOf('another'), codeDigest: digest(), now: NOW, expiresAt: later(60) }
    expect(await store.settle((await claimed()).id, accepted, completion)).toBe(false)
    expect(await store.settle((await settled()).id, accepted, completion)).toBe(false)
    expect(await store.settle((await answered()).id, accepted, { ...completion, now: later(121) })).toBe(false)
    expect(await store.takeCompletion(completion.codeDigest, NOW)).toBeUndefined()
  })

  test('a completion code past its time completes nothing', async () => {
    const { code } = await settled()
    expect(await store.takeCompletion(code, later(60))).toBeUndefined()
  })

  test('the evidence leaves the store with its completion', async () => {
    const { id, ticket } = await answered()
    const [code, sealedEvidence] = [digest(), randomBytes(200)]
    const completion = { ...ticket, codeDigest: code, now: NOW, expiresAt: later(60) }
    await store.settle(id, { state: 'accepted', sealedEvidence }, completion)
    const written = [sealedEvidence.toString('base64url'), JSON.stringify(sealedEvidence)]
    const isThere = async (): Promise<boolean> => {
      const dump = await place.dump()
      return written.some((text) => dump.includes(text))
    }
    expect(await isThere()).toBe(true)
    await store.takeCompletion(code, NOW)
    expect(await isThere()).toBe(false)
  })

  test('an interaction opens so many tickets and no more', async () => {
    const ticket = ticketOf('busy')
    const three = { ...limits, maxPerInteraction: 3 }
    const created = []
    for (let count = 0; count < 5; count++) created.push(await store.create(digest(), ticket, three))
    expect(created).toEqual([true, true, true, false, false])
  })

  const isTicket = (answer: unknown): boolean => typeof answer === 'object'

  test(`attack 19: of ${PARALLEL} parallel claims, answers and completions of one ticket exactly 1 succeeds`, async () => {
    const many = <Answer>(move: () => Promise<Answer>): Promise<Answer[]> =>
      Promise.all(Array.from({ length: PARALLEL }, move))
    const { id, ticket } = await issued()
    const claims = await many(() => store.claim(id, { now: NOW, expiresAt: later(120) }))
    expect(claims.filter(isTicket)).toHaveLength(1)
    expect(claims.filter((answer) => answer === 'claimed')).toHaveLength(PARALLEL - 1)

    const answers = await many(() => store.takeNonce(id, NOW))
    expect(answers.filter(isTicket)).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'used')).toHaveLength(PARALLEL - 1)

    const codes: Digest[] = []
    const settlements = await many(() => {
      const codeDigest = digest()
      codes.push(codeDigest)
      return store.settle(id, accepted, { ...ticket, codeDigest, now: NOW, expiresAt: later(60) })
    })
    expect(settlements.filter(Boolean)).toHaveLength(1)

    const completions = await Promise.all(
      codes.flatMap((code) => [code, code]).map((code) => store.takeCompletion(code, NOW)),
    )
    expect(completions.filter(Boolean)).toHaveLength(1)
  })
})

describe.each(PLACES.slice(0, 2))('expired tickets in $name', ({ openPlace }) => {
  let place: TestPlace
  beforeAll(async () => {
    place = await openPlace(() => NOW)
  })
  afterAll(() => place.remove())

  test('deleteExpired removes what is past its time, oldest first, so many at once', async () => {
    const store = place.tickets
    const ages = [-30, -20, -10, 10]
    for (const age of ages) {
      await store.create(digest(), ticketOf(`age ${age}`), { expiresAt: later(age), maxPerInteraction: 10 })
    }
    expect(await store.deleteExpired(NOW, 2)).toBe(2)
    const { rows } = await place.database.query<{ interaction_id: string }>(
      'SELECT interaction_id FROM sign_in_tickets ORDER BY expires_at',
    )
    expect(rows.map((row) => row.interaction_id)).toEqual(['age -10', 'age 10'])
    expect(await store.deleteExpired(NOW, 100)).toBe(1)
    expect(await store.deleteExpired(NOW, 100)).toBe(0)
  })
})
