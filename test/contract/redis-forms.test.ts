import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRedis, type OpenedRedis } from '../../src/storage/redis/open-redis.ts'
import { readReleases } from '../../src/storage/schema/read-migrations.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'
import { everything, locationOf, ROUTES } from '../support/places.ts'
import { pollUntil } from '../support/poll-until.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { extractRelease } from '../support/released-tree.ts'

/** Attack 43: servers of this release and of the last that knew JSON alone, on one Redis. */
const JSON_ONLY = '565509f97b4ec26e64e6798de7e2f9ad8e39fbea'
const ROOT = new URL('../../', import.meta.url).pathname
const newId = (): string => randomBytes(32).toString('base64url')

let made: TestDatabase
let server: TestRedis
let release: ReturnType<typeof extractRelease>
let openElder: typeof openRedis
const opened: { close(): Promise<void> }[] = []

beforeAll(async () => {
  release = extractRelease(JSON_ONLY)
  ;({ openRedis: openElder } = (await import(join(release.tree, 'src/storage/redis/open-redis.ts'))) as {
    openRedis: typeof openRedis
  })
  ;[made, server] = await Promise.all([createMigratedDatabase(DATABASES[0].createDatabase), startRedis()])
})
afterAll(async () => {
  for (const one of opened) await one.close()
  await server.close()
  await made.remove()
  await release.remove()
})

async function open(by: typeof openRedis): Promise<OpenedRedis> {
  const redis = await by({
    location: locationOf(server.url),
    database: made.database,
    routes: ROUTES,
    now: () => new Date(),
    onSuperseded: () => undefined,
    lookMs: 100,
  })
  opened.push(redis)
  return redis
}

async function signIn({ artifacts }: OpenedRedis) {
  const [uid, grantId, iat] = [newId(), newId(), Math.floor(Date.now() / 1000)]
  const times = { iat, exp: iat + 3600 }
  const ids = {
    uid,
    grantId,
    session: `${ROUTES.ofGroup(uid)}${newId()}`,
    code: `${ROUTES.ofGroup(grantId)}${newId()}`,
    refresh: `skrt_${ROUTES.ofGroup(grantId)}${newId()}`,
  }
  const whose = { accountId: '330f592a-696e-440c-9a10-9b11b2c68cce', clientId: 'site' }
  const refresh = { ...times, ...whose, kind: 'RefreshToken', grantId, sessionUid: uid, rotations: 0, iiat: iat }
  const session = { ...times, kind: 'Session', uid, accountId: whose.accountId, loginTs: iat }
  await artifacts.writeTogether(
    (
      [
        ['Session', ids.session, session],
        ['Grant', grantId, { ...times, ...whose, kind: 'Grant' }],
        ['AuthorizationCode', ids.code, { ...times, ...whose, grantId }],
        ['RefreshToken', ids.refresh, refresh],
      ] as const
    ).map(([model, id, payload]) => ({ act: 'put', model, id, payload, expiresInSeconds: 3600 })),
  )
  return { ids, refresh: { ...refresh, jti: ids.refresh }, session: { ...session, jti: ids.session } }
}

const isWrittenShort = async (redis: OpenedRedis): Promise<boolean> => {
  await redis.client.flushall()
  await signIn(redis)
  return !(await everything(redis)).some(
    ([key = '', value = '']) => key.includes('Refresh') && value.includes('{"iat"'),
  )
}

test('the release that is gone before is one of releases.json', async () => {
  expect((await readReleases(join(ROOT, 'migrations'))).map(({ commit }) => commit)).toContain(JSON_ONLY)
})

test('with nobody of before there it is the short form', async () => {
  expect(await isWrittenShort(await open(openRedis))).toBe(true)
})

test('while a server of before is there each reads what the other wrote, and uses it once', async () => {
  const elder = new pg.Client({ ...made.database.pool.options, application_name: 'sekisho' })
  await elder.connect()
  try {
    const [before, now] = [await open(openElder), await open(openRedis)]
    expect(await isWrittenShort(now)).toBe(false)
    for (const [writer, reader] of [
      [before, now],
      [now, before],
    ] as const) {
      const { ids, refresh, session } = await signIn(writer)
      expect(await reader.artifacts.find('RefreshToken', ids.refresh)).toEqual(refresh)
      expect(await reader.artifacts.find('Session', ids.session)).toEqual(session)
      expect(await reader.artifacts.consume('AuthorizationCode', ids.code)).toBe(true)
      expect(await writer.artifacts.consume('AuthorizationCode', ids.code)).toBe(false)
      await reader.artifacts.destroy('Session', ids.session)
      expect(await writer.artifacts.find('Session', ids.session)).toBeUndefined()
    }
  } finally {
    await elder.end()
  }
})

test('when it is gone what it wrote goes on, and what comes is short', async () => {
  const before = await open(openElder)
  const { ids, refresh } = await signIn(before)
  const now = await open(openRedis)
  expect(await now.artifacts.find('RefreshToken', ids.refresh)).toEqual(refresh)
  await now.artifacts.upsert('RefreshToken', ids.refresh, { ...refresh, rotations: 1 }, 3600)
  expect(await now.artifacts.find('RefreshToken', ids.refresh)).toEqual({ ...refresh, rotations: 1 })
  expect(await now.artifacts.consume('RefreshToken', ids.refresh)).toBe(true)
  await pollUntil(() => isWrittenShort(now), { complaint: 'it goes on writing for nobody' })
})

test('attack 41: one that comes back later believes nothing of the short form, and breaks nothing', async () => {
  const [before, now] = [await open(openElder), await open(openRedis)]
  await pollUntil(() => isWrittenShort(now))
  const { ids, refresh } = await signIn(now)
  expect(await before.artifacts.find('RefreshToken', ids.refresh)).toBeUndefined()
  expect(await before.artifacts.find('Session', ids.session)).toBeUndefined()
  expect(await before.artifacts.consume('RefreshToken', ids.refresh)).toBe(false)
  await expect(
    before.artifacts.upsert('Session', ids.session, { uid: ids.uid, readBefore: true }, 60),
  ).rejects.toMatchObject({ code: 'SIGNIN_SIGNED_OUT_MEANWHILE' })
  expect(await now.artifacts.find('RefreshToken', ids.refresh)).toEqual(refresh)
  // what it ends is ended
  await before.artifacts.destroy('Grant', ids.grantId)
  expect(await now.artifacts.find('RefreshToken', ids.refresh)).toBeUndefined()
})
