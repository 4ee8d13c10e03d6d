import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCutOff } from '../support/cut-off.ts'
import { freePort, freePorts } from '../support/free-port.ts'
import { pollUntil } from '../support/poll-until.ts'
import { createPostgresDatabase, type PostgresDatabase } from '../support/postgres.ts'
import { runSekisho, startSekisho, type Environment, type SekishoProcess } from '../support/run-sekisho.ts'
import { createTempDirectory } from '../support/temp-directory.ts'

let postgres: PostgresDatabase
beforeAll(async () => {
  postgres = await createPostgresDatabase()
})
afterAll(() => postgres.drop())

const SECRETS = {
  COOKIE_KEYS: randomBytes(32).toString('base64url'),
  HANDLE_PEPPER: `1:${randomBytes(32).toString('base64')}`,
  KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
}

async function environmentFor(settings: Environment = {}): Promise<Environment> {
  const port = await freePort()
  return {
    ISSUER: `http://localhost:${port}`,
    PORT: String(port),
    DATABASE_URL: postgres.databaseUrl,
    ...SECRETS,
    REVOCATION_SOURCES: 'none',
    LOG_LEVEL: 'info',
    ...settings,
  }
}

interface LogLine {
  readonly msg: string
  readonly level: string
  readonly worker?: number
  readonly cause?: string
  readonly code?: string
  readonly requestId?: string
  readonly incidentId?: string
}
const linesOf = (server: SekishoProcess): LogLine[] =>
  server
    .log()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LogLine)

const readyWorkers = (server: SekishoProcess): number[] =>
  linesOf(server).flatMap(({ msg, worker }) => (msg === 'a worker is ready' && worker !== undefined ? [worker] : []))

const statusOf = (url: string): Promise<number> =>
  fetch(url).then(
    ({ status }) => status,
    () => 0,
  )

describe('does not start', () => {
  test('several workers on the embedded database, in one line', async () => {
    await using directory = createTempDirectory('embedded')
    const { DATABASE_URL: _url, ...environment } = await environmentFor({
      WEB_CONCURRENCY: '2',
      DATA_DIR: directory.path,
    })
    const { status, stderr } = await runSekisho(environment, ['serve'])
    expect([status, stderr]).toEqual([78, expect.stringMatching(/WEB_CONCURRENCY: .*DATABASE_URL/)])
  })

  test.each([
    [
      'an https: issuer that nothing in front is declared for',
      { ISSUER: 'https://id.example' },
      /TRUST_PROXY: .*cookie/,
    ],
    ['an issuer of another port', { ISSUER: 'http://localhost:1' }, /ISSUER says port 1, .*cookies/],
    ['an issuer with a path', { ISSUER: 'https://id.example/sso', TRUST_PROXY: '1' }, /ISSUER: .*no path/],
    [
      'an http: issuer in production',
      { NODE_ENV: 'production', ISSUER: 'http://localhost:3000' },
      /ISSUER: must be https: in production/,
    ],
  ])('%s', async (_name, settings, reason) => {
    const { status, stderr } = await runSekisho(await environmentFor(settings), ['serve'])
    expect([status, stderr]).toEqual([78, expect.stringMatching(reason)])
  })

  test('attack 41: workers without a database say so once, and end', async () => {
    const port = await freePort()
    const environment = await environmentFor({
      WEB_CONCURRENCY: '2',
      DATABASE_URL: `postgres://postgres@127.0.0.1:${port}/none`,
    })
    const { status, stderr } = await runSekisho(environment, ['serve'])
    expect(status).toBe(69)
    expect(stderr.match(/SERVER_STORAGE_UNAVAILABLE/g)).toHaveLength(1)
  })
})

describe('two workers', () => {
  let server: SekishoProcess
  let metricsUrl: string
  beforeAll(async () => {
    const [metrics] = await freePorts(1)
    metricsUrl = `http://127.0.0.1:${metrics}/metrics`
    server = startSekisho(
      await environmentFor({ WEB_CONCURRENCY: '2', METRICS_PORT: String(metrics), DRAIN_SECONDS: '1' }),
    )
    await server.ready()
    await pollUntil(() => readyWorkers(server).length === 2, { deadlineMs: 30_000, intervalMs: 50 })
  })
  afterAll(async () => {
    server.kill('SIGKILL')
    await server.ended
  })

  const requestsCounted = async (): Promise<number> => {
    const text = await (await fetch(metricsUrl)).text()
    const found = /^sekisho_request_seconds_count\{route="jwks",status="2xx"\} (\d+)/m.exec(text)
    return Number(found?.[1] ?? 0)
  }

  test('are counted together, on a port of its own', async () => {
    const before = await requestsCounted()
    for (let n = 0; n < 10; n++) expect(await statusOf(`${server.url}/jwks`)).toBe(200)
    expect(await requestsCounted()).toBe(before + 10)
    expect(await statusOf(`${server.url}/metrics`)).toBe(404)
  })

  test('attack 41: kill -9 of one: the other serves on, a third takes its place, and nothing that was counted is lost', async () => {
    const [victim = 0] = readyWorkers(server)
    expect(readFileSync(`/proc/${victim}/stat`, 'utf8').split(' ')[3]).toBe(String(server.pid))
    const before = await requestsCounted()
    process.kill(victim, 'SIGKILL')
    await pollUntil(() => linesOf(server).some(({ msg }) => msg === 'a worker ended by itself'), { intervalMs: 5 })
    expect(await statusOf(`${server.url}/jwks`)).toBe(200)
    await pollUntil(() => readyWorkers(server).length === 3, { deadlineMs: 30_000, intervalMs: 50 })
    expect(await requestsCounted()).toBe(before + 1)
  })

  test('SIGTERM: readiness says no first, what is under way ends, and the exit code is 0', async () => {
    const { hostname, port } = new URL(server.url)
    const socket = connect({ host: hostname, port: Number(port) })
    let answer = ''
    socket.setEncoding('utf8').on('data', (text) => (answer += String(text)))
    const body = '{"format":"sekisho:1"}'
    await new Promise((resolve) => socket.once('connect', resolve))
    // headers, and half of the body: under way, until the client is done
    socket.write(
      `POST /agent/tickets/${'a'.repeat(43)}/response HTTP/1.1\r\nHost: localhost\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
    )
    // a worker has it, once another request on a later connection was answered by each
    for (let n = 0; n < 4; n++) await statusOf(`${server.url}/health/live`)

    server.kill('SIGTERM')
    await pollUntil(async () => (await statusOf(`${server.url}/health/ready`)) === 503, { intervalMs: 10 })
    // still served, and told to come back on another connection
    const meanwhile = await fetch(`${server.url}/jwks`)
    expect([meanwhile.status, meanwhile.headers.get('connection')]).toEqual([200, 'close'])
    await pollUntil(async () => (await statusOf(`${server.url}/jwks`)) === 0, { intervalMs: 20 })
    expect(answer).toBe('')
    socket.write(body.slice(5))
    await pollUntil(() => answer.startsWith('HTTP/1.1 '))
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(await server.ended).toBe(0)
  })
})

test('attack 41: workers that cannot be kept alive are given up: those that are starting are asked to end, and all are gone', async () => {
  const address = new URL(postgres.databaseUrl)
  const cable = await createCutOff({ host: address.hostname, port: Number(address.port) })
  address.port = String(cable.port)
  const server = startSekisho(
    await environmentFor({ WEB_CONCURRENCY: '2', DATABASE_URL: address.href, DRAIN_SECONDS: '0', STOP_SECONDS: '1' }),
  )
  try {
    await server.ready()
    await pollUntil(() => readyWorkers(server).length === 2, { deadlineMs: 30_000, intervalMs: 50 })
    cable.cut()
    for (const worker of readyWorkers(server)) process.kill(worker, 'SIGKILL')
    expect(await server.ended).toBe(70)
    const said = linesOf(server).map(({ msg }) => msg)
    const givenUpAt = said.indexOf('workers end as soon as they are started: this process ends too')
    expect(said.indexOf('stopping', givenUpAt)).toBeGreaterThan(givenUpAt)
    expect(said.at(-1)).toBe('all stopped')
    const workers = linesOf(server).flatMap(({ worker }) => (worker === undefined ? [] : [worker]))
    for (const worker of workers) expect(() => process.kill(worker, 0)).toThrow(/ESRCH/)
  } finally {
    server.kill('SIGKILL')
    await cable.close()
  }
})

test('a second signal ends it at once, however long it would drain', async () => {
  const server = startSekisho(await environmentFor({ DRAIN_SECONDS: '300' }))
  await server.ready()
  server.kill('SIGTERM')
  await pollUntil(async () => (await statusOf(`${server.url}/health/ready`)) === 503, { intervalMs: 10 })
  let code: number | null | undefined
  void server.ended.then((ended) => (code = ended))
  await pollUntil(
    () => {
      if (code === undefined) server.kill('SIGTERM')
      return code !== undefined
    },
    { intervalMs: 100 },
  )
  expect(code).toBe(1)
})

describe('behind a proxy that is declared by its network', () => {
  let server: SekishoProcess
  beforeAll(async () => {
    server = startSekisho(
      await environmentFor({ ISSUER: 'https://id.example', TRUST_PROXY: 'loopback', REQUESTS_PER_MINUTE: '5' }),
    )
    await server.ready()
  })
  afterAll(async () => {
    server.kill('SIGTERM')
    await server.ended
  })

  /** Statuses of so many requests to the agent's API, with what the proxy writes. */
  const ask = async (times: number, forwardedFor: (n: number) => string): Promise<number[]> => {
    const statuses: number[] = []
    for (let n = 0; n < times; n++) {
      const headers = { 'x-forwarded-for': forwardedFor(n), 'x-forwarded-proto': 'https' }
      statuses.push((await fetch(`${server.url}/agent/tickets/${'a'.repeat(43)}`, { headers })).status)
    }
    return statuses
  }

  test('attack 18: another forged address each time is still the same client', async () => {
    const statuses = await ask(8, (n) => `198.51.100.${n}, 203.0.113.7`)
    expect(statuses.filter((status) => status === 429)).toHaveLength(3)
  })

  test('clients behind it are told apart', async () => {
    expect(await ask(8, (n) => `203.0.113.${100 + n}`)).not.toContain(429)
  })

  test('a browser that came by http: keeps no cookie: the page says so, and the log why', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.200', 'x-forwarded-proto': 'http' }
    const account = await fetch(`${server.url}/account`, { headers, redirect: 'manual' })
    const { pathname: path, search } = new URL(account.headers.get('location') ?? '', 'https://id.example')
    const begun = await fetch(`${server.url}${path}${search}`, { headers, redirect: 'manual' })
    expect(begun.status).toBe(303)
    const { pathname } = new URL(begun.headers.get('location') ?? '', 'https://id.example')
    const page = await fetch(`${server.url}${pathname}`, { headers })
    const html = await page.text()
    expect([page.status, /data-error-code="(\w+)"/.exec(html)?.[1]]).toEqual([403, 'SIGNIN_COOKIE_MISSING'])
    const hint = await pollUntil(() => linesOf(server).find(({ cause }) => cause !== undefined))
    expect(hint).toMatchObject({ level: 'warn', code: 'SIGNIN_COOKIE_MISSING', cause: 'scheme-http' })
    // one number for the person, one id for the request, and both in the log
    const requestId = page.headers.get('x-request-id') ?? ''
    const line = await pollUntil(() =>
      linesOf(server).find((one) => one.msg === 'refused' && one.requestId === requestId),
    )
    expect(line.incidentId).toMatch(/^[\dA-Z]{4}-[\dA-Z]{4}$/)
    expect(html).toContain(line.incidentId)
  })

  test('a request has the id that the proxy gave it, and nobody else’s', async () => {
    const from = async (id: string): Promise<string | null> =>
      (await fetch(`${server.url}/health/live`, { headers: { 'x-request-id': id } })).headers.get('x-request-id')
    expect(await from('proxy-0123456789')).toBe('proxy-0123456789')
    expect(await from('x')).toMatch(/^[\da-f-]{36}$/)
    expect(await from('a b"{}')).toMatch(/^[\da-f-]{36}$/)
  })
})
