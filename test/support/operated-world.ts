import type { VirtualJpki } from '@sekisho/virtual-jpki'
import { startBalancer, type Balancer } from './balancer.ts'
import { CALLBACK } from './conformance-system.ts'
import { createPersonWithCard, type PersonWithCard } from './person-with-card.ts'
import { authorizationUrl, basic, post, VERIFIER, type RawAnswer } from './raw-openid.ts'
import type { Environment } from './run-sekisho.ts'
import type { SekishoAt } from './sekisho-at.ts'
import { createTempDirectory } from './temp-directory.ts'
import { startVirtualNation } from './virtual-nation.ts'

/** Everything around servers that are run by hand: a balancer, a nation of cards, secrets, a site and an API. */
export interface OperatedWorld {
  /** Of every server and command, but for DATABASE_URL. */
  readonly environment: Environment
  readonly balancer: Balancer
  readonly jpki: VirtualJpki
  person(persona: string): PersonWithCard
  /** By the command line of a release. */
  registerClients(sekisho: SekishoAt, environment: Environment): Promise<Clients>
  close(): Promise<void>
}

export const API = 'https://api.example/'

export interface Clients {
  /** As far as the code. */
  authorize(person: PersonWithCard, parameters?: Record<string, string>): Promise<string>
  redeem(code: string): Promise<RawAnswer>
  refresh(token: string): Promise<RawAnswer>
  introspect(token: string): Promise<RawAnswer>
  userinfo(token: string): Promise<number>
  revoke(token: string): Promise<RawAnswer>
}

export async function createOperatedWorld(): Promise<OperatedWorld> {
  const directory = createTempDirectory('operated')
  const balancer = await startBalancer()
  const nation = await startVirtualNation(directory.path)
  const { jpki } = nation
  const issuer = balancer.url
  return {
    environment: {
      ISSUER: issuer,
      TRUST_PROXY: '1',
      ...nation.environment,
      REQUESTS_PER_MINUTE: '100000',
      CARD_SIGN_INS_PER_HOUR: '100000',
      TICKET_REQUESTS_PER_MINUTE: '10000',
      LOG_LEVEL: 'warn',
    },
    balancer,
    jpki,
    person: (persona) => createPersonWithCard({ issuer, persona, card: (name) => jpki.card(name) }),
    registerClients: (sekisho, environment) => registerClients(sekisho, environment, issuer),
    close: async () => {
      await balancer.close()
      await nation.close()
      await directory.remove()
    },
  }
}

async function registerClients(sekisho: SekishoAt, environment: Environment, issuer: string): Promise<Clients> {
  const add = async (registration: object): Promise<string> => {
    const input = JSON.stringify({ displayName: { ja: '見本', en: 'Sample' }, owner: 'Tests', ...registration })
    const { status, stdout, stderr } = await sekisho.run(environment, ['client', 'add', '--file', '-', '--json'], input)
    if (status !== 0) throw new Error(`client add: ${stderr}`)
    return (JSON.parse(stdout) as { clientSecret: string }).clientSecret
  }
  const api = await add({ clientId: 'api', resourceServer: { resource: API, scopes: ['read'] } })
  const site = await add({
    clientId: 'site',
    redirectUris: [CALLBACK],
    grantTypes: ['authorization_code', 'refresh_token'],
    resources: [{ resource: API, scopes: ['read'] }],
  })
  const ask = (path: string, parameters: Record<string, string>, as = basic('site', site)): Promise<RawAnswer> =>
    post(`${issuer}${path}`, parameters, as)
  return {
    authorize: async (person, parameters = {}) => {
      const address = await person.authorize(
        authorizationUrl(issuer, { scope: 'openid offline_access', ...parameters }),
      )
      const code = address.searchParams.get('code')
      if (code === null) throw new Error(`no code: ${address.search}`)
      return code
    },
    redeem: (code) =>
      ask('/token', {
        grant_type: 'authorization_code',
        code,
        redirect_uri: CALLBACK,
        code_verifier: VERIFIER,
      }),
    refresh: (token) => ask('/token', { grant_type: 'refresh_token', refresh_token: token }),
    introspect: (token) => ask('/token/introspection', { token }, basic('api', api)),
    userinfo: async (token) => (await fetch(`${issuer}/me`, { headers: { authorization: `Bearer ${token}` } })).status,
    revoke: (token) => ask('/token/revocation', { token }),
  }
}
