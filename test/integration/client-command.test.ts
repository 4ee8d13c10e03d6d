import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/storage/open-database.ts'
import { createDataDirectory } from '../support/data-directory.ts'
import { freePort } from '../support/free-port.ts'
import { pollUntil } from '../support/poll-until.ts'
import { createPostgresDatabase, type PostgresDatabase } from '../support/postgres.ts'
import { runSekisho, sekishoJson, serveSekisho, type Environment } from '../support/run-sekisho.ts'

const SHOP = [
  '--name-ja',
  '見本の店',
  '--name-en',
  'Sample shop',
  '--owner',
  'Sales',
  '--redirect-uri',
  'https://shop.example/cb',
]

let postgres: PostgresDatabase
let database: pg.Pool
let environment: Environment
let server: Awaited<ReturnType<typeof serveSekisho>>

beforeAll(async () => {
  postgres = await createPostgresDatabase()
  database = new pg.Pool({ connectionString: postgres.databaseUrl, max: 1 })
  const port = await freePort()
  environment = {
    ISSUER: `http://localhost:${port}`,
    PORT: String(port),
    DATABASE_URL: postgres.databaseUrl,
    COOKIE_KEYS: randomBytes(32).toString('base64url'),
    HANDLE_PEPPER: `1:${randomBytes(32).toString('base64')}`,
    KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    REVOCATION_SOURCES: 'none',
    CLIENT_REGISTRATION: 'token',
    LOG_LEVEL: 'silent',
  }
})
afterAll(async () => {
  await server.stop()
  await database.end()
  await postgres.drop()
})

/** What the token endpoint says to this client: `invalid_grant` means that it knows the client and believes the secret. */
async function answerTo(clientId: string, secret: string): Promise<unknown> {
  const response = await fetch(`${server.url}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: 'x'.repeat(43),
      redirect_uri: 'https://shop.example/cb',
      code_verifier: 'v'.repeat(43),
    }),
  })
  return ((await response.json()) as { error?: string }).error
}

const sekisho = (...args: string[]) => runSekisho(environment, args)
const add = (clientId: string) =>
  sekishoJson<{ clientSecret: string }>(environment, 'client', 'add', '--id', clientId, ...SHOP)

describe('before anything stands', () => {
  test('a database without a schema: the operator decides when', async () => {
    const { status, stderr } = await sekisho('client', 'list')
    expect([status, stderr]).toEqual([69, expect.stringContaining('sekisho migrate up')])
    const { rows } = await database.query(`SELECT 1 FROM pg_tables WHERE schemaname = 'public'`)
    expect(rows).toEqual([])
  })

  test('an embedded database that a server is using', async () => {
    const directory = await createDataDirectory()
    const used = await openDatabase({ dataDirectory: directory.path })
    try {
      const { DATABASE_URL: _other, ...rest } = environment
      const { status, stderr } = await runSekisho({ ...rest, DATA_DIR: directory.path }, ['client', 'list'])
      expect([status, stderr]).toEqual([69, expect.stringContaining('stop the server first')])
      expect(stderr).not.toMatch(/\n {4}at /)
    } finally {
      await used.close()
      await directory.remove()
    }
  })
})

describe('with a server running', () => {
  beforeAll(async () => {
    server = await serveSekisho(environment)
  })

  test('what is refused is named by field, and nothing is registered', async () => {
    const { status, stderr } = await sekisho(
      'client',
      'add',
      '--id',
      'bad',
      '--name-en',
      'x',
      '--redirect-uri',
      'http://shop.example/',
    )
    expect(status).toBe(65)
    expect(stderr).toMatch(/^displayName\.ja: /m)
    expect(stderr).toMatch(/^redirectUris\.0: must be https:/m)
    const asJson = await runSekisho(
      environment,
      ['client', 'add', '--file', '-', '--json'],
      JSON.stringify({ clientId: 'bad', redirectUri: 'https://shop.example/cb' }),
    )
    expect(JSON.parse(asJson.stderr)).toMatchObject({
      error: 'CLIENT_FIELDS_REFUSED',
      faults: expect.arrayContaining([expect.objectContaining({ field: 'displayName' })]) as unknown,
    })
    const { rows } = await database.query(`SELECT 1 FROM clients WHERE client_id = 'bad'`)
    expect(rows).toEqual([])
  })

  test('a registration from a file, changed by an option; the secret is believed, shown once, and stored nowhere', async () => {
    const registration = {
      displayName: { ja: 'ファイルの店', en: 'Shop of a file' },
      owner: 'Sales',
      redirectUris: ['https://shop.example/cb'],
      revocationPolicy: 'allow-unchecked',
    }
    const { stdout } = await runSekisho(
      environment,
      ['client', 'add', '--file', '-', '--id', 'file', '--owner', 'Marketing'],
      JSON.stringify(registration),
    )
    expect(stdout).toMatch(/^owner +Marketing$/m)
    const secret = stdout.trimEnd().split('\n').at(-1) ?? ''
    expect(await answerTo('file', secret)).toBe('invalid_grant')
    expect(await answerTo('file', `${secret.slice(0, -1)}_`)).toBe('invalid_client')

    const shown = await Promise.all([sekisho('client', 'show', 'file'), sekisho('client', 'list', '--json')])
    const { rows } = await database.query<{ dump: string }>(
      `SELECT (SELECT string_agg(clients::text, '') FROM clients) ||
              (SELECT string_agg(audit_events::text, '') FROM audit_events) AS dump`,
    )
    for (const text of [...shown.map(({ stdout: said }) => said), rows[0]?.dump]) {
      expect(text).toContain('file')
      expect(text).not.toContain(secret)
    }
  })

  test('two secrets while one replaces the other; one that leaked ends in the running server at once', async () => {
    const { clientSecret: first } = await add('rotated')
    expect(await answerTo('rotated', first)).toBe('invalid_grant')
    const rotated = ['client', 'rotate-secret', 'rotated'] as const
    const { clientSecret: second } = await sekishoJson<{ clientSecret: string }>(environment, ...rotated)
    await pollUntil(async () => (await answerTo('rotated', second)) === 'invalid_grant', { deadlineMs: 20_000 })
    expect(await answerTo('rotated', first)).toBe('invalid_grant')
    const { clientSecret: third } = await sekishoJson<{ clientSecret: string }>(
      environment,
      ...rotated,
      '--keep-old-for',
      '0',
    )
    await pollUntil(async () => (await answerTo('rotated', second)) === 'invalid_client', { deadlineMs: 20_000 })
    expect([await answerTo('rotated', first), await answerTo('rotated', third)]).toEqual([
      'invalid_client',
      'invalid_grant',
    ])
  })

  test('a disabled client is unknown to the running server, and as it was when it is enabled', async () => {
    const { clientSecret } = await add('disabled')
    expect(await answerTo('disabled', clientSecret)).toBe('invalid_grant')
    expect((await sekisho('client', 'disable', 'disabled')).status).toBe(0)
    await pollUntil(async () => (await answerTo('disabled', clientSecret)) === 'invalid_client', { deadlineMs: 20_000 })
    await sekisho('client', 'enable', 'disabled')
    await pollUntil(async () => (await answerTo('disabled', clientSecret)) === 'invalid_grant', { deadlineMs: 20_000 })
    const { rows } = await database.query<{ actor: string; change: string }>(
      `SELECT actor, details ->> 'change' AS change FROM audit_events WHERE client_id = 'disabled' ORDER BY sequence`,
    )
    expect(rows).toEqual(['added', 'disabled', 'enabled'].map((change) => ({ actor: 'operator', change })))
  })

  test('attack 44: a change made from an older version is refused', async () => {
    await add('edited')
    const update = ['client', 'update', 'edited', '--owner', 'Other', '--if-version']
    expect((await sekisho(...update, '1')).status).toBe(0)
    const { status, stderr } = await sekisho(...update, '1', '--json')
    expect([status, (JSON.parse(stderr) as { error: string }).error]).toEqual([65, 'CLIENT_CHANGED'])
  })

  test('a program registers a client itself with a token (RFC 7591), once, and never without', async () => {
    const register = async (authorization: string | undefined, body: string) => {
      const response = await fetch(`${server.url}/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
        body,
      })
      return {
        status: response.status,
        headers: response.headers,
        body: (await response.json()) as Record<string, string>,
      }
    }
    const metadata = JSON.stringify({ client_name: 'Robot shop', redirect_uris: ['https://shop.example/cb'] })
    const { token } = await sekishoJson<{ token: string }>(environment, 'client', 'token', '--owner', 'Robots')
    const discovery = (await (await fetch(`${server.url}/.well-known/openid-configuration`)).json()) as Record<
      string,
      string
    >
    expect(discovery['registration_endpoint']).toBe(`${environment['ISSUER']}/register`)

    const stranger = await register(undefined, metadata)
    expect([stranger.status, stranger.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect((await register(`Bearer ${token}x`, metadata)).status).toBe(401)
    expect(await register(`Bearer ${token}`, '{"client_name":')).toMatchObject({ status: 400 })
    expect((await register(`Bearer ${token}`, '{"client_name":"x"}')).body['error']).toBe('invalid_redirect_uri')

    const { status, headers, body } = await register(`Bearer ${token}`, metadata)
    expect([status, headers.get('cache-control')]).toEqual([201, 'no-store'])
    expect(await answerTo(body['client_id'] ?? '', body['client_secret'] ?? '')).toBe('invalid_grant')
    expect((await register(`Bearer ${token}`, metadata)).status).toBe(401)
    expect((await sekisho('client', 'show', body['client_id'] ?? '')).stdout).toMatch(/^owner +Robots$/m)

    // RFC 7592: it looks after its client itself
    const address = (body['registration_client_uri'] ?? '').replace(environment['ISSUER'] ?? '', server.url)
    const asItself = async (method: string, change?: object, bearer = body['registration_access_token']) => {
      const response = await fetch(address, {
        method,
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
        ...(change === undefined ? {} : { body: JSON.stringify(change) }),
      })
      const text = await response.text()
      return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) }
    }
    expect(await asItself('GET')).toMatchObject({ status: 200, body: { client_name: 'Robot shop' } })
    expect(await asItself('GET', undefined, token)).toMatchObject({ status: 401 })
    const renamed = { ...(JSON.parse(metadata) as object), client_id: body['client_id'], client_name: 'Robot store' }
    expect(await asItself('PUT', renamed)).toMatchObject({ status: 200, body: { client_name: 'Robot store' } })
    expect(await asItself('DELETE')).toEqual({ status: 204, body: {} })
    expect((await asItself('GET')).status).toBe(401)
    await pollUntil(
      async () => (await answerTo(body['client_id'] ?? '', body['client_secret'] ?? '')) === 'invalid_client',
      { deadlineMs: 20_000 },
    )
    const { rows } = await database.query<{ change: string }>(
      `SELECT actor || ' ' || (details ->> 'change') AS change FROM audit_events WHERE client_id = $1 ORDER BY sequence`,
      [body['client_id']],
    )
    expect(rows.map(({ change }) => change)).toEqual([
      'client registered_itself',
      'client updated_itself',
      'client deleted_itself',
    ])
  })

  test('attack 42: while the log cannot be written, no command changes a client or a key', async () => {
    await add('unlogged')
    const state = async (): Promise<unknown> =>
      (
        await database.query(
          `SELECT (SELECT json_agg(c ORDER BY client_id) FROM clients c) AS clients,
                  (SELECT json_agg(k ORDER BY kid) FROM signing_keys k) AS keys`,
        )
      ).rows
    const before = await state()
    await database.query(
      `CREATE FUNCTION refuse_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no log'; END $$`,
    )
    await database.query('CREATE TRIGGER refuse_event BEFORE INSERT ON audit_events EXECUTE FUNCTION refuse_event()')
    const commands = [
      ['client', 'update', 'unlogged', '--owner', 'Other'],
      ['client', 'disable', 'unlogged'],
      ['client', 'rotate-secret', 'unlogged'],
      ['key', 'rotate', '--algorithm', 'ES256'],
    ]
    const statuses: (number | null)[] = []
    for (const command of commands) statuses.push((await sekisho(...command)).status)
    await database.query('DROP TRIGGER refuse_event ON audit_events')
    await database.query('DROP FUNCTION refuse_event')
    expect(statuses).not.toContain(0)
    expect(await state()).toEqual(before)
  })

  test('a key encryption key is changed: the rows are sealed anew, and the old one is not needed any more', async () => {
    const [oldKey, newKey] = [environment['KEY_ENCRYPTION_KEY'] ?? '', randomBytes(32).toString('base64')]
    const reseal = (keys: string) =>
      runSekisho({ ...environment, KEY_ENCRYPTION_KEY: keys }, ['key', 'reseal', '--json'])
    const refused = await reseal(newKey)
    expect([refused.status, refused.stderr]).toEqual([65, expect.stringContaining('KEY_ENCRYPTION_KEY')])
    expect(JSON.parse((await reseal(`${newKey},${oldKey}`)).stdout)).toEqual({ resealed: 5, current: 0 })
    expect(JSON.parse((await reseal(newKey)).stdout)).toEqual({ resealed: 0, current: 5 })
    const { stdout } = await sekisho('key', 'status', '--json')
    expect(JSON.parse(stdout)).toMatchObject(['ES256', 'RS256', 'PS256', 'EdDSA'].map((algorithm) => ({ algorithm })))
    // back, for the server that is running
    await runSekisho({ ...environment, KEY_ENCRYPTION_KEY: `${oldKey},${newKey}` }, ['key', 'reseal'])
  })
})
