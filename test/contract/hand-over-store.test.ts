import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createChoiceStore } from '../../src/storage/choice-store.ts'
import { digestToken } from '../../src/sign-in/random-token.ts'
import { HAND_OVER_GRACE_MS } from '../../src/subject/hand-over/create-hand-overs.ts'
import { identityOf as card } from '../support/certificate-identity.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'
import { accepted, countSubjectRows, createSubjectWorld } from '../support/subject-world.ts'

const NOW = new Date('2026-11-22T03:00:00Z')
const BY = { actor: 'operator', reason: 'a test' } as const
const INVALID = { outcome: 'refused', code: 'LINK_HAND_OVER_CODE_INVALID' }

describe.each(DATABASES)('hand-over codes on $name', ({ createDatabase }) => {
  let made: TestDatabase
  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
  })
  afterAll(() => made.remove())

  const worldAt = (now: Date) => createSubjectWorld(made.database, { unknownCards: 'ask', now: () => now })
  const world = () => worldAt(NOW)
  async function withCode(name: string) {
    const old = await accepted(world().admit(card(name)))
    const made_ = await world().handOvers.create(old.credentialId)
    if (made_ === undefined) throw new Error('no code')
    return { ...old, ...made_ }
  }

  test('an unknown card is a newcomer, and nothing is written before its person has answered', async () => {
    const before = await countSubjectRows(made.database)
    expect(await world().resolve(card('newcomer'))).toEqual({ outcome: 'newcomer' })
    expect(await countSubjectRows(made.database)).toEqual(before)
    expect(await world().admit(card('newcomer'))).toMatchObject({ outcome: 'created' })
    expect(await world().resolve(card('newcomer'))).toMatchObject({ outcome: 'known' })
  })

  test.each([
    ['nothing', '', 'LINK_HAND_OVER_CODE_MISTYPED'],
    ['a mistyped one', 'AAAAA-AAAAA-AAAAA-AAAAA', 'LINK_HAND_OVER_CODE_MISTYPED'],
    // 0000 and its check characters: well-formed, never made
    ['one that was never made', '00001-00002-00003-00004', 'LINK_HAND_OVER_CODE_INVALID'],
  ])('%s makes nobody known', async (_what, typed, code) => {
    expect(await world().redeem(card('never'), typed)).toEqual({ outcome: 'refused', code })
    expect(await world().resolve(card('never'))).toEqual({ outcome: 'newcomer' })
  })

  test('it leads to the old account, once, and replaces the old card', async () => {
    const { accountId, code } = await withCode('old')
    expect(await world().redeem(card('new'), code.toLowerCase())).toMatchObject({ outcome: 'known', accountId })
    expect(await world().redeem(card('another'), code)).toEqual(INVALID)
    expect(await world().resolve(card('old'))).toMatchObject({ code: 'LINK_CREDENTIAL_SUPERSEDED' })
    expect(await world().resolve(card('new'))).toMatchObject({ outcome: 'known', accountId })
  })

  test('a phone comes beside the card, and a card beside the phone: both go on working', async () => {
    const { accountId, code } = await withCode('with a phone')
    const phone = card('the phone', { medium: 'phone' })
    const joined = await accepted(world().redeem(phone, code))
    expect(joined).toMatchObject({ outcome: 'known', accountId })
    expect(await world().resolve(card('with a phone'))).toMatchObject({ outcome: 'known', accountId })
    expect(await world().redeem(card('another', { medium: 'phone' }), code)).toEqual(INVALID)
    const { rows } = await made.database.query<{ kind: string; status: string }>(
      'SELECT kind, status FROM credentials WHERE account_id = $1 ORDER BY kind',
      [accountId],
    )
    expect(rows).toEqual([
      { kind: 'card-auth', status: 'current' },
      { kind: 'phone-auth', status: 'current' },
    ])

    const back = await world().handOvers.create(joined.credentialId)
    expect(await world().redeem(card('the next card'), back?.code ?? '')).toMatchObject({ accountId })
    expect(await world().resolve(phone)).toMatchObject({ outcome: 'known', accountId })
    const third = await world().handOvers.create(joined.credentialId)
    expect(await world().redeem(card('the next phone', { medium: 'phone' }), third?.code ?? '')).toMatchObject({
      accountId,
    })
    expect(await world().resolve(phone)).toMatchObject({ code: 'LINK_CREDENTIAL_SUPERSEDED' })
  })

  test('of fifty new cards at once one gets the account', async () => {
    const { accountId, code } = await withCode('contested')
    const tries = await Promise.all(Array.from({ length: 50 }, (_, n) => world().redeem(card(`contender ${n}`), code)))
    expect(tries.filter(({ outcome }) => outcome === 'known')).toMatchObject([{ accountId }])
    expect(tries.filter(({ outcome }) => outcome !== 'known')).toEqual(Array.from({ length: 49 }, () => INVALID))
  })

  test('a card that is known already keeps its account, and the code stays good', async () => {
    const { accountId, code } = await withCode('mine')
    const other = await accepted(world().admit(card('not mine')))
    expect(await world().redeem(card('not mine'), code)).toMatchObject({ accountId: other.accountId })
    expect(await world().redeem(card('mine, renewed'), code)).toMatchObject({ accountId })
  })

  test('a newer code replaces the one before', async () => {
    const { accountId, credentialId, code } = await withCode('twice')
    const second = await world().handOvers.create(credentialId)
    expect(await world().redeem(card('twice, renewed'), code)).toEqual(INVALID)
    expect(await world().redeem(card('twice, renewed'), second?.code ?? '')).toMatchObject({ accountId })
  })

  test('it ends ninety days after its certificate, to the millisecond', async () => {
    const { code, expiresAt, credentialId } = await withCode('late')
    expect(expiresAt.getTime()).toBe(card('late').notAfter.getTime() + HAND_OVER_GRACE_MS)
    expect(await world().handOvers.standing(credentialId)).toEqual({ createdAt: NOW, expiresAt })
    expect(await worldAt(expiresAt).redeem(card('too late'), code)).toEqual(INVALID)
    expect(await worldAt(expiresAt).handOvers.standing(credentialId)).toBeUndefined()
    const justInTime = new Date(expiresAt.getTime() - 1)
    expect(await worldAt(justInTime).redeem(card('too late'), code)).toMatchObject({ outcome: 'known' })
  })

  test.each(['suspend', 'close'] as const)('%s: neither made nor redeemed', async (act) => {
    const { accountId, credentialId, code } = await withCode(act)
    await world().graph[act](accountId, BY)
    expect(await world().redeem(card(`${act}, renewed`), code)).toEqual(INVALID)
    expect(await world().handOvers.create(credentialId)).toBeUndefined()
    await world().graph.reopen(accountId, BY)
    expect(await world().redeem(card(`${act}, renewed`), code)).toMatchObject({ accountId })
  })

  test('a card that was taken out of its account hands nothing over', async () => {
    const { credentialId, code } = await withCode('taken out')
    await world().graph.unlink({ credentialId }, BY)
    expect(await world().redeem(card('taken out, renewed'), code)).toEqual(INVALID)
    expect(await world().handOvers.create(credentialId)).toBeUndefined()
  })

  test('nothing that could be typed is stored', async () => {
    const { code } = await withCode('stored')
    const { rows } = await made.database.query<{ row: string }>(
      `SELECT hand_over_codes::text AS row FROM hand_over_codes
       UNION ALL SELECT audit_events::text FROM audit_events`,
    )
    const dump = rows.map(({ row }) => row).join('\n')
    for (const form of [code, code.replaceAll('-', '')]) expect(dump).not.toContain(form)
  })
})

describe.each(DATABASES)('pending choices on $name', ({ createDatabase }) => {
  let made: TestDatabase
  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
  })
  afterAll(() => made.remove())

  const digest = (name: string) => digestToken(name)
  const choice = {
    interactionId: 'interaction',
    clientId: 'shop',
    sealedEvidence: Buffer.from('sealed'),
    triesLeft: 5,
    expiresAt: new Date(NOW.getTime() + 1),
  }

  test('taken once, whoever asks, and not a millisecond too late', async () => {
    const store = createChoiceStore(made.database)
    await store.put(digest('one'), choice)
    await store.put(digest('other'), choice)
    expect(await store.take(digest('nobody'), NOW)).toBeUndefined()
    expect(await store.take(digest('other'), choice.expiresAt)).toBeUndefined()
    const takes = await Promise.all(Array.from({ length: 50 }, () => store.take(digest('one'), NOW)))
    expect(takes.filter((taken) => taken !== undefined)).toEqual([choice])
    expect(await store.deleteExpired(choice.expiresAt, 10)).toBe(0)
    expect(await store.deleteExpired(new Date(choice.expiresAt.getTime() + 1), 10)).toBe(1)
  })
})
