import { createHash, randomBytes } from 'node:crypto'
import { errors } from 'oidc-provider'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createArtifactAdapter } from '../../src/oidc/artifact-adapter.ts'
import { createRefreshSuccession } from '../../src/oidc/refresh-succession.ts'
import { createOidcArtifactStore, type OidcArtifactStore } from '../../src/storage/oidc-artifact-store.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'

const START = new Date('2026-11-22T03:00:00Z')
const PARALLEL = 50
const newId = (): string => randomBytes(32).toString('base64url')

describe.each(DATABASES)('artifact store of oidc-provider on $name', ({ createDatabase }) => {
  let made: TestDatabase
  let store: OidcArtifactStore
  let clock = START

  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
    store = createOidcArtifactStore({ database: made.database, now: () => clock })
  })
  afterAll(() => made.remove())

  const adapterOf = (model: string) =>
    createArtifactAdapter({
      artifacts: store,
      succession: createRefreshSuccession({ artifacts: store, now: () => clock }),
      findClient: () => Promise.resolve(undefined),
    })(model)

  /** A grant with a code, a refresh token and an access token. */
  async function grantWithTokens() {
    const ids = { grant: newId(), code: newId(), refresh: newId(), access: newId() }
    await adapterOf('Grant').upsert(ids.grant, { jti: ids.grant, accountId: 'a' }, 60)
    await adapterOf('AuthorizationCode').upsert(ids.code, { jti: ids.code, grantId: ids.grant }, 60)
    await adapterOf('RefreshToken').upsert(ids.refresh, { jti: ids.refresh, grantId: ids.grant }, 60)
    await adapterOf('AccessToken').upsert(ids.access, { jti: ids.access, grantId: ids.grant }, 60)
    return ids
  }

  const codeOf = (fault: unknown): string => (fault instanceof errors.OIDCProviderError ? fault.error : String(fault))
  const settle = async (consumptions: Promise<unknown>[]): Promise<string[]> =>
    Promise.all(consumptions.map((one) => one.then(() => 'consumed', codeOf)))

  test.each(['AuthorizationCode', 'RefreshToken', 'DeviceCode', 'PushedAuthorizationRequest'])(
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

  test('a session is found by uid under its newest id, and destroyed under every id', async () => {
    const [uid, before, after] = [newId(), newId(), newId()]
    await store.upsert('Session', before, { jti: before, uid }, 60)
    clock = new Date(START.getTime() + 1000)
    await store.upsert('Session', after, { jti: after, uid, accountId: 'a' }, 60)
    clock = START
    expect(await store.findByUid('Session', uid)).toEqual({ uid, accountId: 'a' })
    await store.destroy('Session', after)
    expect(await store.find('Session', before)).toBeUndefined()
    expect(await store.findByUid('Session', uid)).toBeUndefined()
  })

  test('a device code is found by its user code', async () => {
    const id = newId()
    await store.upsert('DeviceCode', id, { jti: id, userCode: 'BCDF-GHJK' }, 60)
    expect(await store.findByUserCode('DeviceCode', 'BCDF-GHJK')).toEqual({ jti: id, userCode: 'BCDF-GHJK' })
    expect(await store.findByUserCode('DeviceCode', 'BCDF-GHJX')).toBeUndefined()
  })

  test('a dump of the table holds no id that opens anything', async () => {
    const ids = await grantWithTokens()
    const [session, interaction] = [newId(), newId()]
    await adapterOf('Session').upsert(session, { jti: session, uid: newId() }, 60)
    await adapterOf('Interaction').upsert(interaction, { jti: interaction, session: { uid: 'u', cookie: session } }, 60)
    const { rows } = await made.database.query('SELECT * FROM oidc_artifacts')
    const dump = JSON.stringify(rows)
    // bytes are written out as numbers
    const bytes = (octets: Uint8Array): string => [...octets].join(',')
    for (const id of [ids.code, ids.refresh, ids.access, session, interaction]) {
      expect(dump).not.toContain(id)
      expect(dump).not.toContain(bytes(Buffer.from(id)))
      expect(dump).toContain(bytes(createHash('sha256').update(id).digest()))
    }
    expect(await adapterOf('Interaction').find(interaction)).toEqual({ jti: interaction, session: { uid: 'u' } })
  })

  test('deleteExpired removes what is long past its time, so many at once, and nothing without an end', async () => {
    await made.database.query('DELETE FROM oidc_artifacts')
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
