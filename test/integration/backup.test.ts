import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createOperatedWorld, type Clients, type OperatedWorld } from '../support/operated-world.ts'
import type { PersonWithCard } from '../support/person-with-card.ts'
import { createPostgresDatabase, type PostgresDatabase } from '../support/postgres.ts'
import { dumpDatabase, restoreDatabase, startArchivingServer } from '../support/postgres-tools.ts'
import { authorizationUrl } from '../support/raw-openid.ts'
import type { Environment } from '../support/run-sekisho.ts'
import { sekishoAt, type ServedSekisho } from '../support/sekisho-at.ts'
import { createTempDirectory, type TempDirectory } from '../support/temp-directory.ts'

const sekisho = sekishoAt(fileURLToPath(new URL('../../', import.meta.url)))

/** What a person or a site held, by what became of it between the backup and the disaster. */
interface Past {
  readonly sub: string
  readonly revokedRefreshToken: string
  readonly usedCode: string
  readonly standingRefreshToken: string
  readonly standingAccessToken: string
  readonly signedIn: PersonWithCard
  readonly unlinkedCard: string
}

let world: OperatedWorld
let clients: Clients
let directory: TempDirectory
let past: Past
const databases: PostgresDatabase[] = []
const servers = new Set<ServedSekisho>()

beforeAll(async () => {
  world = await createOperatedWorld()
  directory = createTempDirectory('backup')
  const { environment, stop } = await serveOn((await newDatabase()).databaseUrl)
  clients = await world.registerClients(sekisho, environment)
  const leaky = [
    '--id',
    'leaky',
    '--name-ja',
    '店',
    '--name-en',
    'Shop',
    '--owner',
    'Tests',
    '--redirect-uri',
    'https://leaky.example/cb',
  ]
  await command(environment, 'client', 'add', ...leaky)

  const signedIn = world.person('taro')
  // another browser, so another grant
  const revoked = (await clients.redeem(await clients.authorize(world.person('taro')))).body
  const standing = (await clients.redeem(await clients.authorize(signedIn))).body
  const usedCode = await clients.authorize(signedIn)
  await clients.redeem(await clients.authorize(world.person('hanako')))
  await dumpDatabase(environment['DATABASE_URL'] ?? '', join(directory.path, 'dump'))

  // after the backup
  expect((await clients.revoke(String(revoked['refresh_token']))).status).toBe(200)
  expect((await clients.redeem(usedCode)).status).toBe(200)
  const unlinkedCard = await lastCardOf(environment)
  await command(environment, 'account', 'unlink', unlinkedCard, '--reason', 'lost')
  await command(environment, 'client', 'rotate-secret', 'leaky', '--keep-old-for', '0')
  await command(environment, 'audit', 'export', '--output', join(directory.path, 'audit.jsonl'))
  await stop()
  past = {
    sub: subIn(standing),
    revokedRefreshToken: String(revoked['refresh_token']),
    usedCode,
    standingRefreshToken: String(standing['refresh_token']),
    standingAccessToken: String(standing['access_token']),
    signedIn,
    unlinkedCard,
  }
})
afterAll(async () => {
  for (const server of servers) await server.stop()
  await world.close()
  for (const database of databases) await database.drop()
  await directory.remove()
})

async function newDatabase(): Promise<PostgresDatabase> {
  const database = await createPostgresDatabase()
  databases.push(database)
  return database
}

async function restored(): Promise<Environment> {
  const { databaseUrl } = await newDatabase()
  await restoreDatabase(databaseUrl, join(directory.path, 'dump'))
  return { ...world.environment, DATABASE_URL: databaseUrl }
}

async function serveOn(databaseUrl: string): Promise<{ environment: Environment; stop(): Promise<void> }> {
  const environment = { ...world.environment, DATABASE_URL: databaseUrl }
  const server = await sekisho.serve(environment)
  servers.add(server)
  world.balancer.use(server.url)
  return {
    environment,
    stop: async () => {
      servers.delete(server)
      await server.stop()
    },
  }
}

async function command(environment: Environment, ...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await sekisho.run(environment, args)
  if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`)
  return stdout
}

/** Of whoever signed in last. */
async function lastCardOf(environment: Environment): Promise<string> {
  const client = new pg.Client(environment['DATABASE_URL'])
  await client.connect()
  const { rows } = await client.query<{ id: string }>(
    'SELECT id FROM credentials ORDER BY last_used_at DESC NULLS LAST LIMIT 1',
  )
  await client.end()
  return rows[0]?.id ?? ''
}

function subIn(tokens: Record<string, unknown>): string {
  const [, payload = ''] = String(tokens['id_token']).split('.')
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string }).sub
}

describe('attack 43: a restored dump', () => {
  test('is served by nobody, and changed by no command, until it was recovered', async () => {
    const environment = await restored()
    const served = await sekisho.run({ ...environment, PORT: '1' }, ['serve'])
    expect(served.status).toBe(69)
    expect(served.stderr).toMatch(/^SERVER_DATABASE_RESTORED: its rows were copied/)
    expect((await sekisho.run(environment, ['doctor', '--json'])).stdout).toContain('"DATABASE_RESTORED"')
    writeFileSync(join(directory.path, 'torn'), '{"format":"x"}\n{"event":{"seq')
    const torn = await sekisho.run(environment, ['recover', '--audit', join(directory.path, 'torn')])
    expect(torn).toMatchObject({ status: 65, stderr: expect.stringContaining('Line 2') as string })
    const changed = await sekisho.run(environment, ['client', 'disable', 'site'])
    expect(changed.status).toBe(69)
    expect(changed.stderr).toContain('SERVER_DATABASE_RESTORED')
  })

  test('recovered with a copy of the audit log: nothing of before is good again, and every sub stays', async () => {
    const environment = await restored()
    const recovery = JSON.parse(
      await command(environment, 'recover', '--audit', join(directory.path, 'audit.jsonl'), '--json'),
    ) as { ended: number; lostEvents: number; held: Record<string, string[]> }
    expect(recovery.held).toEqual({
      ...{ cards: [past.unlinkedCard], accounts: [], clients: ['leaky'] },
      ...{ keys: [], owners: [] },
    })
    expect(recovery.ended).toBeGreaterThan(5)
    const { stop } = await serveOn(environment['DATABASE_URL'] ?? '')

    for (const token of [past.revokedRefreshToken, past.standingRefreshToken]) {
      expect(await clients.refresh(token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    }
    expect(await clients.redeem(past.usedCode)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    expect(await clients.userinfo(past.standingAccessToken)).toBe(401)
    const silent = await past.signedIn.authorize(
      authorizationUrl(world.environment['ISSUER'] ?? '', { prompt: 'none' }),
    )
    expect(silent.searchParams.get('error')).toBe('login_required')
    const page = await world.person('hanako').open(authorizationUrl(world.environment['ISSUER'] ?? ''))
    expect(page.html).toContain('data-error-code="LINK_CREDENTIAL_UNLINKED"')
    expect(JSON.parse(await command(environment, 'client', 'show', 'leaky', '--json'))).toMatchObject({
      disabledAt: expect.any(String) as string,
    })

    expect(subIn((await clients.redeem(await clients.authorize(world.person('taro')))).body)).toBe(past.sub)
    // a second time it finds nothing more to hold
    const again = JSON.parse(
      await command(environment, 'recover', '--audit', join(directory.path, 'audit.jsonl'), '--json'),
    ) as { held: Record<string, string[]> }
    expect(again.held['cards']).toEqual([])
    await stop()
  })

  test('what the fence is for: said to have lost nothing, the revoked token lives again', async () => {
    const environment = await restored()
    await command(environment, 'recover', '--nothing-lost')
    const { stop } = await serveOn(environment['DATABASE_URL'] ?? '')
    expect((await clients.refresh(past.revokedRefreshToken)).status).toBe(200)
    await stop()
  })
})

describe('attack 43: recovered from the archive of the log, to its end', () => {
  test('everything that was done stands, also what was done after the backup', async () => {
    const server = await startArchivingServer()
    const { environment, stop } = await serveOn(server.databaseUrl)
    const site = await world.registerClients(sekisho, environment)
    const tokensOf = async (persona: string) => (await site.redeem(await site.authorize(world.person(persona)))).body
    const revoked = await tokensOf('taro')
    const standing = await tokensOf('taro')
    await tokensOf('hanako')
    await server.baseBackup()

    await site.revoke(String(revoked['refresh_token']))
    await command(environment, 'account', 'unlink', await lastCardOf(environment), '--reason', 'lost')
    await server.archiveAll()
    await server.crash()
    await stop()

    const recovered = { ...environment, DATABASE_URL: await server.recover() }
    const refused = await sekisho.run({ ...recovered, PORT: '1' }, ['serve'])
    expect(refused.status).toBe(69)
    expect(refused.stderr).toMatch(
      /^SERVER_DATABASE_RESTORED: it was recovered from a backup, or a standby was promoted/,
    )
    await command(recovered, 'recover', '--nothing-lost')

    const again = await serveOn(recovered.DATABASE_URL)
    expect((await site.refresh(String(revoked['refresh_token']))).status).toBe(400)
    expect((await site.refresh(String(standing['refresh_token']))).status).toBe(200)
    const page = await world.person('hanako').open(authorizationUrl(world.environment['ISSUER'] ?? ''))
    expect(page.html).toContain('data-error-code="LINK_CREDENTIAL_UNLINKED"')
    expect(subIn(await tokensOf('taro'))).toBe(subIn(standing))
    await again.stop()
    await server.remove()
  }, 120_000)
})
