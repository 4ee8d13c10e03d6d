import { createHash, randomBytes } from 'node:crypto'
import { errors } from 'oidc-provider'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createArtifactAdapter } from '../../src/oidc/artifact-adapter.ts'
import { createAuthentications } from '../../src/oidc/authentications.ts'
import { createRefreshSuccession } from '../../src/oidc/refresh-succession.ts'
import type { OidcArtifactStore } from '../../src/storage/oidc-artifact-store.ts'
import { PLACES, ROUTES, type TestPlace } from '../support/places.ts'

const START = new Date('2026-11-22T03:00:00Z')
const PARALLEL = 50
const newId = (): string => randomBytes(32).toString('base64url')

/** As oidc/ makes them: the id of what belongs to a group names the group's place. */
const memberId = (groupId: string): string => `${ROUTES.ofGroup(groupId)}${newId()}`

describe.each(PLACES)('artifact store of oidc-provider in $name', ({ openPlace }) => {
  let place: TestPlace
  let store: OidcArtifactStore
  let clock = START

  beforeAll(async () => {
    place = await openPlace(() => clock)
    store = place.artifacts
  })
  afterAll(() => place.remove())

  const adapterOf = (model: string) =>
    createArtifactAdapter({
      artifacts: store,
      succession: createRefreshSuccession({ artifacts: store, now: () => clock }),
      authentications: createAuthentications(store),
      findClient: () => Promise.resolve(undefined),
    })(model)

  /** A grant with a code, a refresh token and an access token. */
  async function grantWithTokens() {
    const grant = newId()
    const ids = { grant, code: memberId(grant), refresh: `skrt_${memberId(grant)}`, access: `skat_${memberId(grant)}` }
    await adapterOf('Grant').upsert(ids.grant, { jti: ids.grant, accountId: 'a' }, 60)
    await adapterOf('AuthorizationCode').upsert(ids.code, { jti: ids.code, grantId: ids.grant }, 60)
    await adapterOf('RefreshToken').upsert(ids.refresh, { jti: ids.refresh, grantId: ids.grant }, 60)
    await adapterOf('AccessToken').upsert(ids.access, { jti: ids.access, grantId: ids.grant }, 60)
    return ids
  }

  const codeOf = (fault: unknown): string => (fault instanceof errors.OIDCProviderError ? fault.error : String(fault))
  const settle = async (consumptions: Promise<unknown>[]): Promise<string[]> =>
    Promise.all(consumptions.map((one) => one.then(() => 'consumed', codeOf)))

  test.each(['AuthorizationCode', 'RefreshToken', 'PushedAuthorizationRequest'])(
    'consuming an unknown %s is refused',
    async (model) => {
      const [answer] = await settle([Promise.resolve(adapterOf(model).consume(newId()))])
      expect(answer).toBe(model === 'PushedAuthorizationRequest' ? 'invalid_request_uri' : 'invalid_grant')
    },
  )

  test(`attack 5: ${PARALLEL} parallel consumers of one refresh token are one family; after 10 s its reuse ends it`, async () => {
    const ids = await grantWithTokens()
    const adapter = adapterOf('RefreshToken')
    const answers = await settle(Array.from({ length: PARALLEL }, async () => adapter.consume(ids.refresh)))
    expect(new Set(answers)).toEqual(new Set(['consumed']))
    expect(await adapter.find(ids.refresh)).not.toHaveProperty('consumed')
    clock = new Date(START.getTime() + 10_000)
    expect(await adapter.find(ids.refresh)).toMatchObject({ consumed: START.getTime() / 1000 })
    expect(await settle([Promise.resolve(adapter.consume(ids.refresh))])).toEqual(['invalid_grant'])
    expect(await store.find('Grant', ids.grant)).toBeUndefined()
    clock = START
  })

  test.each([['AuthorizationCode', 'code']] as const)(
    `attack 3: of ${PARALLEL} parallel consumers of one %s exactly 1 wins, and its grant is gone`,
    async (model, key) => {
      const ids = await grantWithTokens()
      const adapter = adapterOf(model)
      const answers = await settle(Array.from({ length: PARALLEL }, async () => adapter.consume(ids[key])))
      expect(answers.filter((answer) => answer === 'consumed')).toHaveLength(1)
      expect(answers.filter((answer) => answer === 'invalid_grant')).toHaveLength(PARALLEL - 1)
      for (const [left, id] of [
        ['Grant', ids.grant],
        ['AuthorizationCode', ids.code],
        ['RefreshToken', ids.refresh],
        ['AccessToken', ids.access],
      ] as const) {
        expect(await store.find(left, id)).toBeUndefined()
      }
    },
  )

  test('attack 2: a second use, later, removes the grant and all its tokens; another grant keeps its own', async () => {
    const [ids, other] = [await grantWithTokens(), await grantWithTokens()]
    const adapter = adapterOf('AuthorizationCode')
    await adapter.consume(ids.code)
    expect(await store.find('AuthorizationCode', ids.code)).toMatchObject({ consumed: START.getTime() / 1000 })
    expect(await store.find('AccessToken', ids.access)).toBeDefined()
    await expect(adapter.consume(ids.code)).rejects.toThrow(errors.InvalidGrant)
    expect(await store.find('Grant', ids.grant)).toBeUndefined()
    expect(await store.find('AccessToken', ids.access)).toBeUndefined()
    expect(await store.find('AccessToken', other.access)).toBeDefined()
    expect(await store.find('Grant', other.grant)).toBeDefined()
  })

  test(`attack 6: of ${PARALLEL} parallel consumers of one pushed request exactly 1 wins`, async () => {
    const id = newId()
    const adapter = adapterOf('PushedAuthorizationRequest')
    await adapter.upsert(id, { jti: id, request: 'signed request' }, 60)
    const answers = await settle(Array.from({ length: PARALLEL }, async () => adapter.consume(id)))
    expect(answers.filter((answer) => answer === 'consumed')).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'invalid_request_uri')).toHaveLength(PARALLEL - 1)
  })

  test('attack 6: a pushed request whose 60 s have passed is still used once', async () => {
    const id = newId()
    const adapter = adapterOf('PushedAuthorizationRequest')
    await adapter.upsert(id, { jti: id, request: 'signed request' }, 60)
    clock = new Date(START.getTime() + 600_000)
    await adapter.consume(id)
    expect(await adapter.find(id)).toMatchObject({ consumed: clock.getTime() / 1000 })
    await expect(adapter.consume(id)).rejects.toThrow(errors.InvalidRequestUri)
    clock = START
  })

  test(`attacks 7, 9: of ${PARALLEL} parallel uses of one jti exactly 1 is accepted; after its time it is free`, async () => {
    const id = newId()
    const adapter = adapterOf('ReplayDetection')
    const use = async (): Promise<unknown> => adapter.upsert(id, { jti: id, iss: 'shop' }, 60)
    const answers = await settle(Array.from({ length: PARALLEL }, use))
    expect(answers.filter((answer) => answer === 'consumed')).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'invalid_request')).toHaveLength(PARALLEL - 1)
    clock = new Date(START.getTime() + 61_000)
    expect(await settle([use()])).toEqual(['consumed'])
    clock = START
  })

  test('writing again does not make a used one fresh', async () => {
    const { code, grant } = await grantWithTokens()
    await store.consume('AuthorizationCode', code)
    await store.upsert('AuthorizationCode', code, { jti: code, grantId: grant, scope: 'openid' }, 60)
    expect(await store.find('AuthorizationCode', code)).toMatchObject({
      scope: 'openid',
      consumed: START.getTime() / 1000,
    })
    expect(await store.consume('AuthorizationCode', code)).toBe(false)
  })

  test('revocation by grant id removes what the grant gave, and keeps the grant', async () => {
    const ids = await grantWithTokens()
    await Promise.all(
      ['AccessToken', 'RefreshToken', 'AuthorizationCode'].map((model) => adapterOf(model).revokeByGrantId(ids.grant)),
    )
    expect(await store.find('AccessToken', ids.access)).toBeUndefined()
    expect(await store.find('RefreshToken', ids.refresh)).toBeUndefined()
    expect(await store.find('Grant', ids.grant)).toBeDefined()
  })

  test('a payload comes back as it was, for its own model only', async () => {
    const id = newId()
    const payload = {
      jti: id,
      kind: 'AccessToken',
      claims: { id_token: { acr: null } },
      extra: { name: '関所 "quoted" \\' },
    }
    await store.upsert('AccessToken', id, payload, 60)
    expect(await store.find('AccessToken', id)).toEqual(payload)
    expect(await store.find('RefreshToken', id)).toBeUndefined()
    await store.destroy('AccessToken', id)
    expect(await store.find('AccessToken', id)).toBeUndefined()
  })

  test('attack 12: a session has one id at a time, is found by its uid, and ends under both', async () => {
    const uid = newId()
    const [before, after] = [memberId(uid), memberId(uid)]
    await store.upsert('Session', before, { jti: before, uid }, 60)
    await store.upsert('Session', after, { jti: after, uid, accountId: 'a' }, 60)
    expect(await store.find('Session', before)).toBeUndefined()
    expect(await store.find('Session', after)).toEqual({ jti: after, uid, accountId: 'a' })
    expect(await store.findSession(uid)).toEqual({ uid, accountId: 'a' })
    await store.destroy('Session', after)
    expect(await store.findSession(uid)).toBeUndefined()

    await store.upsert('Session', after, { jti: after, uid, accountId: 'a' }, 60)
    await store.destroySession(uid)
    expect(await store.find('Session', after)).toBeUndefined()
  })

  test('attack 14: a session that was read is not written back after it was ended, under no id', async () => {
    const uid = newId()
    const [id, next] = [memberId(uid), memberId(uid)]
    await store.upsert('Session', id, { jti: id, uid, accountId: 'a' }, 60)
    await store.upsert('Session', id, { jti: id, uid, accountId: 'a', state: 1, readBefore: true }, 60)
    expect(await store.find('Session', id)).toEqual({ jti: id, uid, accountId: 'a', state: 1 })
    // it may have another id by then
    await store.upsert('Session', next, { jti: next, uid, accountId: 'a', readBefore: true }, 60)
    expect(await store.find('Session', id)).toBeUndefined()
    await store.destroy('Session', next)
    for (const late of [id, next]) {
      await expect(
        store.upsert('Session', late, { jti: late, uid, accountId: 'a', readBefore: true }, 60),
      ).rejects.toMatchObject({ code: 'SIGNIN_SIGNED_OUT_MEANWHILE' })
      expect(await store.find('Session', late)).toBeUndefined()
    }
    expect(await store.findSession(uid)).toBeUndefined()
  })

  test(`attack 14: of ${PARALLEL} requests that use a session while it ends none brings it back`, async () => {
    for (let round = 0; round < 5; round++) {
      const uid = newId()
      const id = memberId(uid)
      await store.upsert('Session', id, { jti: id, uid, accountId: 'a' }, 60)
      const uses = Array.from({ length: PARALLEL }, (_, index) =>
        index === 10
          ? store.destroySession(uid)
          : store.upsert('Session', id, { jti: id, uid, accountId: 'a', readBefore: true }, 60),
      )
      await Promise.allSettled(uses)
      expect(await store.findSession(uid)).toBeUndefined()
    }
  })

  test('a token is read with its grant as it is in that moment', async () => {
    const ids = await grantWithTokens()
    const [token, grant] = await store.findWithGrant('AccessToken', ids.access)
    expect(token).toEqual({ jti: ids.access, grantId: ids.grant })
    expect(grant).toEqual({ accountId: 'a' })
    expect(await store.findWithGrant('AccessToken', `skat_${memberId(ids.grant)}`)).toEqual([])
  })

  test('attack 41: a grant that has ended gets no code and no token any more', async () => {
    const grant = newId()
    const writeAndFind = async (): Promise<unknown> => {
      const id = `skat_${memberId(grant)}`
      await adapterOf('AccessToken').upsert(id, { jti: id, grantId: grant }, 60)
      return adapterOf('AccessToken').find(id)
    }
    expect(await writeAndFind()).toBeUndefined()
    await adapterOf('Grant').upsert(grant, { jti: grant, accountId: 'a' }, 60)
    expect(await writeAndFind()).toMatchObject({ grantId: grant })
    await adapterOf('Grant').destroy(grant)
    expect(await writeAndFind()).toBeUndefined()
  })

  test('attack 2: a grant that somebody saves again after its end brings back none of its tokens', async () => {
    const ids = await grantWithTokens()
    await adapterOf('Grant').destroy(ids.grant)
    await adapterOf('Grant').upsert(ids.grant, { jti: ids.grant, accountId: 'a' }, 60)
    expect(await store.find('AccessToken', ids.access)).toBeUndefined()
    expect(await store.find('RefreshToken', ids.refresh)).toBeUndefined()
    expect(await store.consume('AuthorizationCode', ids.code)).toBe(false)
  })

  test(`while a grant is ended, of ${PARALLEL} tokens written to it none is left`, async () => {
    const grant = newId()
    await adapterOf('Grant').upsert(grant, { jti: grant, accountId: 'a' }, 60)
    const code = memberId(grant)
    await store.upsert('AuthorizationCode', code, { jti: code, grantId: grant }, 60)
    const ids = Array.from({ length: PARALLEL }, () => `skat_${memberId(grant)}`)
    await Promise.all([
      ...ids.map((id) => store.upsert('AccessToken', id, { jti: id, grantId: grant }, 60)),
      store.revokeGrantOf('AuthorizationCode', code),
    ])
    const left = await Promise.all(ids.map((id) => store.findWithGrant('AccessToken', id)))
    expect(left.filter(([, found]) => found !== undefined)).toEqual([])
  })

  test('a stolen copy holds no id that opens anything', async () => {
    const ids = await grantWithTokens()
    const uid = newId()
    const [session, interaction] = [memberId(uid), newId()]
    await adapterOf('Session').upsert(session, { jti: session, uid }, 60)
    await adapterOf('Interaction').upsert(interaction, { jti: interaction, session: { uid: 'u', cookie: session } }, 60)
    const dump = await place.dump()
    // bytes are written out as numbers
    const bytes = (octets: Uint8Array): string => [...octets].join(',')
    for (const id of [ids.code, ids.refresh, ids.access, session, interaction]) {
      expect(dump).not.toContain(id)
      expect(dump).not.toContain(bytes(Buffer.from(id)))
      const digest = createHash('sha256').update(id).digest()
      expect([digest.toString('base64url'), bytes(digest)].some((written) => dump.includes(written))).toBe(true)
    }
    expect(await adapterOf('Interaction').find(interaction)).toEqual({ jti: interaction, session: { uid: 'u' } })
  })
})

describe.each(PLACES.slice(0, 2))('expired artifacts in $name', ({ openPlace }) => {
  let clock = START
  let place: TestPlace
  let store: OidcArtifactStore

  beforeAll(async () => {
    place = await openPlace(() => clock)
    store = place.artifacts
  })
  afterAll(() => place.remove())

  test('deleteExpired removes what is long past its time, so many at once, and nothing without an end', async () => {
    const [short, long, endless] = [newId(), newId(), newId()]
    await store.upsert('AccessToken', short, { jti: short }, 10)
    await store.upsert('AccessToken', long, { jti: long }, 20)
    await store.upsert('InitialAccessToken', endless, { jti: endless })
    clock = new Date(START.getTime() + 60_000)
    expect(await store.deleteExpired(10)).toBe(0)
    clock = new Date(START.getTime() + 2 * 3600_000)
    expect(await store.deleteExpired(1)).toBe(1)
    expect(await store.find('AccessToken', long)).toBeDefined()
    expect(await store.deleteExpired(10)).toBe(1)
    expect(await store.find('InitialAccessToken', endless)).toBeDefined()
    clock = START
  })
})
