import { fileURLToPath } from 'node:url'
import { freePort } from '../../../test/support/free-port.ts'
import { sekishoAt, type SekishoAt } from '../../../test/support/sekisho-at.ts'
import type { Connection } from '../../load/http-connection.ts'
import type { Card } from '../../load/issue-cards.ts'
import { finish, walkWithCard, type LogInWalk } from '../../load/log-in.ts'
import { startServer } from '../../process/start-server.ts'
import { ACCESS_TOKEN_SECONDS, API, API_CLIENT, API_SCOPE, CALLBACK, SITE, type Wish } from '../../scene.ts'
import type { SigningAlgorithm } from '../stock/create-stock-provider.ts'
import type { OursContestant } from '../contestant.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const COMMAND = fileURLToPath(new URL('../../../bin/sekisho.js', import.meta.url))

export interface ClientSecrets {
  readonly siteSecret: string
  readonly apiSecret: string
}

export interface StartOursOptions {
  readonly databaseUrl: string
  readonly redisUrl: string
  /** Of the nation whose cards log in (start-nation.ts). */
  readonly nation: Readonly<Record<string, string>>
  readonly algorithm: SigningAlgorithm
  readonly workers?: number
  /** Of the clients, where the database has them already. */
  readonly secrets?: ClientSecrets
  /** Of Node itself. */
  readonly nodeArgs?: readonly string[]
  readonly core: number | string | undefined
}

/**
 * `sekisho serve` as an operator runs it, on PostgreSQL and Redis. What differs from the defaults is what is needed to be asked by one
 * address this often.
 */
export async function startOurs(options: StartOursOptions): Promise<OursContestant> {
  const { databaseUrl, redisUrl, nation, algorithm, workers = 1, nodeArgs = [], core } = options
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const env = {
    ...nation,
    ISSUER: origin,
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    WEB_CONCURRENCY: String(workers),
    REQUESTS_PER_MINUTE: '100000',
    TICKET_REQUESTS_PER_MINUTE: '100000',
    CLIENT_TICKETS_PER_MINUTE: '10000000',
    CARD_SIGN_INS_PER_HOUR: '1000000',
  }
  // a step of its own, as in deploy/: a server that has nothing to migrate does not load what migrates
  const { status, stderr } = await sekishoAt(ROOT).run(env, ['migrate', 'up'])
  if (status !== 0) throw new Error(`migrate up: ${stderr}`)
  const child = await startServer({
    name: 'sekisho serve',
    command: [process.execPath, ...nodeArgs, COMMAND, 'serve'],
    env,
    core,
    ready: `${origin}/health/ready`,
  })
  try {
    const secrets = options.secrets ?? (await registerClients(sekishoAt(ROOT), env, algorithm))
    const walkAt = (at: string, connection: Connection, card: Card, wish: Wish): LogInWalk =>
      walkWithCard({ connection, origin: at, secret: secrets.siteSecret, card, wish })
    return {
      name: 'ours',
      origin,
      pid: child.pid,
      ...secrets,
      environment: env,
      readyMs: child.readyMs,
      logInAt: (elsewhere, connection, card) => finish(walkAt(elsewhere, connection, card, { offline: true })),
      walkLogIn: (connection, card, wish) => walkAt(origin, connection, card, wish),
      logIn: (connection, card, wish) => finish(walkAt(origin, connection, card, wish)),
      stop: () => child.stop(),
    }
  } catch (fault) {
    await child.stop()
    throw fault
  }
}

/** By the command line, as an operator does it. */
async function registerClients(
  sekisho: SekishoAt,
  env: Readonly<Record<string, string>>,
  algorithm: SigningAlgorithm,
): Promise<ClientSecrets> {
  const add = async (registration: object): Promise<string> => {
    const input = JSON.stringify({ displayName: { ja: '見本', en: 'Sample' }, owner: 'Bench', ...registration })
    const { status, stdout, stderr } = await sekisho.run(env, ['client', 'add', '--file', '-', '--json'], input)
    if (status !== 0) throw new Error(`client add: ${stderr}`)
    return (JSON.parse(stdout) as { readonly clientSecret: string }).clientSecret
  }
  const apiSecret = await add({
    clientId: API_CLIENT,
    resourceServer: { resource: API, scopes: [API_SCOPE], accessTokenSeconds: ACCESS_TOKEN_SECONDS },
  })
  const siteSecret = await add({
    clientId: SITE,
    redirectUris: [CALLBACK],
    grantTypes: ['authorization_code', 'refresh_token'],
    resources: [{ resource: API, scopes: [API_SCOPE] }],
    // the stub of the others asks nobody either
    firstParty: true,
    idTokenAlgorithm: algorithm,
  })
  return { siteSecret, apiSecret }
}
