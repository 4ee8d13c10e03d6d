import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PLACES, ROUTES, type TestPlace } from '../support/places.ts'

const NOW = new Date('2026-11-22T03:00:00Z')
const newId = (): string => randomBytes(32).toString('base64url')
const memberId = (groupId: string): string => `${ROUTES.ofGroup(groupId)}${newId()}`

describe.each(PLACES)('what an account holds in $name', ({ openPlace }) => {
  let place: TestPlace
  beforeAll(async () => {
    place = await openPlace(() => NOW)
  })
  afterAll(() => place.remove())

  /** Somebody who is signed in, with a grant of a shop, and one of a bank that is to outlive the session. */
  async function person() {
    const [accountId, uid, shop, bank] = [randomUUID(), newId(), newId(), newId()]
    for (const [grant, clientId] of [
      [shop, 'shop'],
      [bank, 'bank'],
    ] as const) {
      await place.artifacts.upsert('Grant', grant, { jti: grant, accountId, clientId }, 3600)
    }
    const session = memberId(uid)
    const authorizations = {
      shop: { sid: 'sid of shop', grantId: shop },
      bank: { sid: 'sid of bank', grantId: bank, persistsLogout: true },
    }
    const loginTs = NOW.getTime() / 1000
    await place.artifacts.upsert('Session', session, { jti: session, uid, accountId, loginTs, authorizations }, 3600)
    return { accountId, uid, session, shop, bank, reference: createHash('sha256').update(uid).digest('hex') }
  }
  const noticesFor = async (accountId: string): Promise<unknown[]> => {
    const { rows } = await place.database.query<{ payload: unknown }>(
      `SELECT payload FROM outbox WHERE kind = 'backchannel-logout' AND payload ->> 'accountId' = $1 ORDER BY id`,
      [accountId],
    )
    return rows.map(({ payload }) => payload)
  }

  test('somebody unknown holds nothing, and nothing of theirs can be ended', async () => {
    const nobody = randomUUID()
    expect(await place.holdings.sessions(nobody, NOW)).toEqual([])
    expect(await place.holdings.grants(nobody, NOW)).toEqual([])
    expect(await place.holdings.disconnect(nobody, 'shop', NOW)).toBe(false)
    const { reference } = await person()
    expect(await place.holdings.endSession(nobody, reference, NOW)).toBe(false)
    expect(await place.holdings.endSession(nobody, 'no reference', NOW)).toBe(false)
  })

  test('sessions and grants are listed, each person’s own', async () => {
    const { accountId, reference } = await person()
    await person()
    expect(await place.holdings.sessions(accountId, NOW)).toEqual([
      { reference, signedInAt: NOW, expiresAt: new Date(NOW.getTime() + 3600_000) },
    ])
    const grants = await place.holdings.grants(accountId, NOW)
    expect(grants.toSorted((one, other) => one.clientId.localeCompare(other.clientId))).toEqual([
      { clientId: 'bank', firstAt: NOW, lastAt: NOW },
      { clientId: 'shop', firstAt: NOW, lastAt: NOW },
    ])
  })

  test('a site is disconnected and told; the session and other sites stay', async () => {
    const { accountId, shop, bank, session } = await person()
    expect(await place.holdings.disconnect(accountId, 'shop', NOW)).toBe(true)
    expect(await place.artifacts.find('Grant', shop)).toBeUndefined()
    expect(await place.artifacts.find('Grant', bank)).toBeDefined()
    expect(await place.artifacts.find('Session', session)).toBeDefined()
    expect(await noticesFor(accountId)).toEqual([{ clientId: 'shop', accountId, sessionId: 'sid of shop' }])
    expect(await place.holdings.disconnect(accountId, 'shop', NOW)).toBe(false)
  })

  test('a session ends with what was granted for it; what is to outlive it does', async () => {
    const { accountId, reference, session, shop, bank } = await person()
    expect(await place.holdings.endSession(accountId, reference, NOW)).toBe(true)
    expect(await place.artifacts.find('Session', session)).toBeUndefined()
    expect(await place.artifacts.find('Grant', shop)).toBeUndefined()
    expect(await place.artifacts.find('Grant', bank)).toBeDefined()
    expect(await noticesFor(accountId)).toHaveLength(2)
    expect(await place.holdings.endSession(accountId, reference, NOW)).toBe(false)
  })
})

describe.each(PLACES.slice(2))('a sign-out that was decided, in $name', ({ openPlace }) => {
  test('ends what was there then, tells the sites, and leaves what began later', async () => {
    let clock = NOW
    const place = await openPlace(() => clock)
    try {
      const [accountId, before, after] = [randomUUID(), newId(), newId()]
      const sessionIds = new Map<string, string>()
      for (const uid of [before, after]) {
        const id = memberId(uid)
        sessionIds.set(uid, id)
        const loginTs = clock.getTime() / 1000
        await place.artifacts.upsert(
          'Session',
          id,
          { jti: id, uid, accountId, loginTs, authorizations: { shop: {} } },
          60,
        )
        clock = new Date(NOW.getTime() + 20_000)
      }
      await place.holdings.signOut({ accountId }, new Date(NOW.getTime() + 10_000))
      await place.holdings.signOut({ accountId }, new Date(NOW.getTime() + 10_000))
      expect(await place.artifacts.find('Session', sessionIds.get(before) ?? '')).toBeUndefined()
      expect(await place.artifacts.find('Session', sessionIds.get(after) ?? '')).toBeDefined()
      const { rows } = await place.database.query(`SELECT payload FROM outbox WHERE kind = 'backchannel-logout'`)
      expect(rows).toEqual([{ payload: { clientId: 'shop', accountId } }])
    } finally {
      await place.remove()
    }
  })
})
