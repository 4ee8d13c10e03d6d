import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { globalAgent } from 'node:https'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createVirtualJpki, serveVirtualJpki } from '@sekisho/virtual-jpki'
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { freePorts } from '../support/free-port.ts'
import { makeImageTree } from '../support/image-tree.ts'
import { startProxy } from '../support/nginx.ts'
import { createPersonWithCard, type PersonWithCard } from '../support/person-with-card.ts'
import { createPostgresDatabase } from '../support/postgres.ts'
import { authorizationUrl, basic, post, VERIFIER } from '../support/raw-openid.ts'
import { startRedis } from '../support/redis.ts'
import { sekishoAt, type SekishoAt, type ServedSekisho } from '../support/sekisho-at.ts'
import { createTempDirectory } from '../support/temp-directory.ts'
import { VIRTUAL_KEYS } from '../support/virtual-keys.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const SHOP = 'https://shop.example/cb'

/** What docker-compose.yml says, done by hand: nobody here has an engine. */
let issuer = ''
let sekisho: SekishoAt
let environment: Record<string, string>
let person: () => PersonWithCard
let secret = ''
let httpPort = 0
const instances: ServedSekisho[] = []
const closers: (() => Promise<unknown>)[] = []
let tree = ''
let filesBefore: string[] = []

const filesOf = (): string[] =>
  readdirSync(tree, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.startsWith('node_modules'))
    .toSorted()

beforeAll(async () => {
  const directory = createTempDirectory('by-hand')
  closers.push(directory.remove)
  const image = makeImageTree()
  closers.push(image.remove)
  tree = image.tree
  filesBefore = filesOf()
  sekisho = sekishoAt(tree)

  mkdirSync(join(directory.path, 'deploy'))
  cpSync(join(ROOT, 'deploy/make-secrets.sh'), join(directory.path, 'deploy/make-secrets.sh'))
  const secrets = execFileSync(join(directory.path, 'deploy/make-secrets.sh'), ['localhost'], {
    encoding: 'utf8',
  }).trim()
  const [http = 0, https = 0, metrics = 0] = await freePorts(3)
  httpPort = http
  issuer = `https://localhost:${https}`

  const postgres = await createPostgresDatabase()
  closers.unshift(postgres.drop)
  const redis = await startRedis(['--requirepass', readFileSync(join(secrets, 'redis_password'), 'utf8')])
  closers.unshift(() => redis.close())
  const jpki = await createVirtualJpki({ now: () => new Date(), cacheDirectory: VIRTUAL_KEYS })
  const jpkiServer = await serveVirtualJpki(jpki, { port: 0 })
  closers.unshift(() => jpkiServer.close())
  for (const { name, pem } of jpki.anchors.authentication) {
    mkdirSync(join(directory.path, 'anchors/authentication'), { recursive: true })
    writeFileSync(join(directory.path, 'anchors/authentication', name), pem)
  }
  mkdirSync(join(directory.path, 'anchors/signature'))
  for (const { name, pem } of jpki.anchors.signature)
    writeFileSync(join(directory.path, 'anchors/signature', name), pem)

  const compose = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
    services: Record<string, { environment: Record<string, string> }>
  }
  // addresses are this machine's; everything else as compose has it
  writeFileSync(join(secrets, 'database_url.here'), postgres.databaseUrl)
  const ofRedis = readFileSync(join(secrets, 'redis_url'), 'utf8').replace('redis:6379', `127.0.0.1:${redis.port}`)
  writeFileSync(join(secrets, 'redis_url.here'), ofRedis)
  environment = {
    ...Object.fromEntries(
      Object.entries(compose.services['app-1']?.environment ?? {}).map(([name, value]) => [
        name,
        value.replace('/run/secrets', secrets).replace(/^\$\{\w+:-(.*)\}$/, '$1'),
      ]),
    ),
    DATABASE_URL_FILE: join(secrets, 'database_url.here'),
    REDIS_URL_FILE: join(secrets, 'redis_url.here'),
    ISSUER: issuer,
    HOST: '127.0.0.1',
    METRICS_HOST: '127.0.0.1',
    METRICS_PORT: String(metrics),
    OCSP_URL: `${jpkiServer.url}/ocsp`,
    OUTBOUND_INTRANET_HOSTS: '127.0.0.1',
    LOG_LEVEL: 'warn',
    DRAIN_SECONDS: '0',
    // cards of nobody
    TRUST_ANCHORS_DIR: join(directory.path, 'anchors'),
    UNSAFE_TRUST_VIRTUAL_JPKI: '1',
    UNKNOWN_CARDS: 'new',
  }

  const migrated = await sekisho.run(environment, ['migrate', 'up'])
  if (migrated.status !== 0) throw new Error(migrated.stderr)
  const [more = 0] = await freePorts(1)
  instances.push(
    ...(await Promise.all(
      [environment, { ...environment, METRICS_PORT: String(more) }].map((one) => sekisho.serve(one)),
    )),
  )
  const portOf = ({ url }: ServedSekisho): number => Number(new URL(url).port)
  const [first, second] = instances
  if (first === undefined || second === undefined) throw new Error('two instances')
  const proxy = await startProxy({
    httpPort,
    httpsPort: https,
    instances: { 'app-1': portOf(first), 'app-2': portOf(second) },
    secretsDirectory: secrets,
  })
  closers.unshift(proxy.close, ...instances.map((instance) => () => instance.stop()))

  const before = getGlobalDispatcher()
  const ca = readFileSync(join(secrets, 'tls_certificate'), 'utf8')
  const trusting = new Agent({ connect: { ca } })
  globalAgent.options.ca = ca
  setGlobalDispatcher(trusting)
  closers.unshift(async () => {
    setGlobalDispatcher(before)
    delete globalAgent.options.ca
    await trusting.close()
  })

  const client = [
    '--id',
    'site',
    '--name-ja',
    '店',
    '--name-en',
    'Shop',
    '--owner',
    'Tests',
    '--redirect-uri',
    SHOP,
    '--json',
  ]
  const added = await sekisho.run(environment, ['client', 'add', ...client])
  if (added.status !== 0) throw new Error(added.stderr)
  secret = (JSON.parse(added.stdout) as { clientSecret: string }).clientSecret
  person = () => createPersonWithCard({ issuer, persona: 'taro', card: (name) => jpki.card(name) })
})
afterAll(async () => {
  for (const close of closers) await close()
})

const signIn = async (): Promise<Record<string, unknown>> => {
  const address = await person().authorize(authorizationUrl(issuer, { redirect_uri: SHOP }))
  const code = address.searchParams.get('code') ?? ''
  const { body } = await post(
    `${issuer}/token`,
    { grant_type: 'authorization_code', code, redirect_uri: SHOP, code_verifier: VERIFIER },
    basic('site', secret),
  )
  return body
}

describe('what docker-compose.yml starts, by hand', () => {
  test('a card signs in over two instances behind TLS', async () => {
    const { id_token: idToken, access_token: accessToken } = await signIn()
    expect(String(idToken).split('.')).toHaveLength(3)
    const userinfo = await fetch(`${issuer}/me`, { headers: { authorization: `Bearer ${String(accessToken)}` } })
    expect(userinfo.status).toBe(200)
  })

  test('the proxy sends to TLS, keeps health to itself, and every cookie is secure', async () => {
    const plain = await fetch(`http://127.0.0.1:${httpPort}/auth?x=1`, { redirect: 'manual' })
    expect(plain.status).toBe(301)
    expect(plain.headers.get('location')).toMatch(/^https:\/\/127\.0\.0\.1\/auth\?x=1$/)
    expect((await fetch(`${issuer}/health/ready`)).status).toBe(404)
    const begun = await fetch(authorizationUrl(issuer, { redirect_uri: SHOP }), { redirect: 'manual' })
    expect(begun.headers.get('strict-transport-security')).toBe('max-age=63072000')
    const cookies = begun.headers.getSetCookie()
    expect(cookies.length).toBeGreaterThan(1)
    for (const cookie of cookies) expect(cookie).toMatch(/; secure/i)
  })

  test('an instance that stops takes no sign-in with it', async () => {
    await instances[0]?.stop()
    for (let n = 0; n < 6; n++) {
      expect((await fetch(`${issuer}/.well-known/openid-configuration`)).status).toBe(200)
    }
    expect((await signIn())['id_token']).toBeDefined()
  })

  test('the image has no virtual cards, and says so', async () => {
    const help = await sekisho.run({}, ['--help'])
    expect(help).toMatchObject({ status: 0, stderr: '' })
    expect(help.stdout).toContain('migrate')
    expect(await sekisho.run({}, ['demo'])).toMatchObject({ status: 69, stdout: '' })
  })

  test('nothing is written where the code is: the root may be read-only', () => {
    expect(filesOf()).toEqual(filesBefore)
  })
})
