import { randomBytes } from 'node:crypto'
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { createPostgresDatabase, type PostgresDatabase } from '../support/postgres.ts'
import { runSekisho, startSekisho, type Environment, type SekishoProcess } from '../support/run-sekisho.ts'

const PASSWORD = 'database-password-in-the-address'
const SECRETS = {
  COOKIE_KEYS: randomBytes(32).toString('base64url'),
  HANDLE_PEPPER: `1:${randomBytes(32).toString('base64')}`,
  KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
}

let postgres: PostgresDatabase
/** What the browsers would see as the proxy. */
let front: Server
let answer = (_req: IncomingMessage, res: ServerResponse): void => {
  res.writeHead(503).end()
}
let environment: Environment
let server: SekishoProcess

beforeAll(async () => {
  postgres = await createPostgresDatabase()
  front = createServer((req, res) => {
    answer(req, res)
  })
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  const databaseUrl = new URL(postgres.databaseUrl)
  databaseUrl.password = PASSWORD
  environment = {
    ISSUER: `http://localhost:${(front.address() as AddressInfo).port}`,
    PORT: String(await freePort()),
    TRUST_PROXY: '1',
    DATABASE_URL: databaseUrl.href,
    ...SECRETS,
    REVOCATION_SOURCES: 'none',
    LOG_LEVEL: 'info',
  }
})
afterAll(async () => {
  server.kill('SIGTERM')
  await server.ended
  front.close()
  await postgres.drop()
})

interface Line {
  readonly level: string
  readonly code: string
  readonly message: string
}

async function examine(settings: Environment = {}): Promise<{ status: number | null; lines: readonly Line[] }> {
  const { status, stdout, stderr } = await runSekisho({ ...environment, ...settings }, ['doctor', '--json'])
  for (const secret of [PASSWORD, ...Object.values(SECRETS), ...Object.values(settings)].filter(
    (one) => one.length > 20,
  )) {
    expect(stdout + stderr).not.toContain(secret)
  }
  const lines = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
  return { status, lines }
}
const codes = (lines: readonly Line[]): string[] => lines.map(({ code }) => code)

/** To the server as a proxy would, and back through `change`. */
const pass =
  (change: (headers: IncomingMessage['headers']) => void = () => undefined) =>
  (req: IncomingMessage, res: ServerResponse): void => {
    const onward = request(
      new URL(req.url ?? '/', server.url),
      { method: req.method, headers: { ...req.headers, 'x-forwarded-for': '203.0.113.9' } },
      (answered) => {
        change(answered.headers)
        res.writeHead(answered.statusCode ?? 502, answered.headers)
        answered.pipe(res)
      },
    )
    onward.on('error', () => res.writeHead(502).end())
    req.pipe(onward)
  }

describe('before the first start', () => {
  test('a configuration that cannot be used: each fault, no value, and nothing else is looked at', async () => {
    const { status, lines } = await examine({ KEY_ENCRYPTION_KEY: 'this-is-not-a-key-at-all', PORT: 'eighty' })
    expect(status).toBe(78)
    expect(codes(lines)).toEqual(['CONFIG_INVALID', 'CONFIG_INVALID'])
  })

  test('a database that nobody answers for', async () => {
    const { status, lines } = await examine({
      DATABASE_URL: `postgres://u:${PASSWORD}@127.0.0.1:${await freePort()}/x`,
    })
    expect(status).toBe(1)
    expect(codes(lines)).toContain('DATABASE_UNREACHABLE')
    expect(codes(lines)).not.toContain('SCHEMA_OK')
  })

  test('an empty database: what is missing is said, and nothing is changed', async () => {
    for (let again = 0; again < 2; again++) {
      const { status, lines } = await examine()
      expect(codes(lines)).toEqual(
        expect.arrayContaining(['DATABASE_OK', 'CLOCK_OK', 'SCHEMA_PENDING', 'REVOCATION_NONE']),
      )
      expect(status).toBe(1)
    }
  })
})

describe('while the server runs', () => {
  beforeAll(async () => {
    server = startSekisho(environment)
    await server.ready()
  })

  test('all is well', async () => {
    answer = pass()
    const { status, lines } = await examine()
    expect(lines.filter(({ level }) => level === 'fail')).toEqual([])
    expect(codes(lines)).toEqual(
      expect.arrayContaining(['CONFIG_OK', 'SCHEMA_OK', 'KEYS_OK', 'REDIS_NOT_USED', 'LINKAGE_NONE', 'PROXY_OK']),
    )
    expect(status).toBe(0)
  })

  test('another KEY_ENCRYPTION_KEY', async () => {
    answer = pass()
    const { status, lines } = await examine({ KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64') })
    expect(codes(lines)).toContain('KEYS_DO_NOT_OPEN')
    expect(status).toBe(1)
  })

  test('a Redis that nobody answers for', async () => {
    const { status, lines } = await examine({ REDIS_URL: `redis://127.0.0.1:${await freePort()}` })
    expect(codes(lines)).toContain('REDIS_UNREACHABLE')
    expect(status).toBe(1)
  })

  test.each([
    [
      'takes the cookies away',
      pass((headers) => {
        delete headers['set-cookie']
      }),
      'PROXY_LOSES_COOKIES',
    ],
    [
      'changes their paths',
      pass((headers) => {
        headers['set-cookie'] = (headers['set-cookie'] ?? []).map((line) => line.replace(/=[^;]*/, '=changed'))
      }),
      'PROXY_LOSES_COOKIES',
    ],
    [
      'finds a server that fails',
      (req: IncomingMessage, res: ServerResponse) => {
        if (req.url?.startsWith('/auth') === true) res.writeHead(500).end()
        else pass()(req, res)
      },
      'PROXY_SERVER_FAILS',
    ],
    [
      'leads to another program',
      (_req: IncomingMessage, res: ServerResponse) => res.writeHead(200).end('<h1>It works!</h1>'),
      'PROXY_OTHER_SERVER',
    ],
  ])('a proxy that %s', async (_name, how, code) => {
    answer = how
    const { status, lines } = await examine()
    expect(lines.filter(({ level }) => level === 'fail').map((line) => line.code)).toEqual([code])
    expect(status).toBe(1)
  })

  test('speaks as the terminal does, one line and one code each', async () => {
    answer = pass()
    const { stdout } = await runSekisho({ ...environment, LANG: 'ja_JP.UTF-8' }, ['doctor'])
    const lines = stdout.trim().split('\n')
    for (const line of lines) expect(line).toMatch(/^(?:ok {2}|warn|fail) {2}[A-Z_]{6,28} *[^ ].*[。\w]$/)
    expect(stdout).toContain('署名鍵は使えます')
  })
})
