import { sign } from 'node:crypto'
import { buildTranscript, FORMAT, type TicketMessage } from '@sekisho/protocol'
import type { PersonaCard } from '@sekisho/virtual-jpki'
import pg from 'pg'
import { createScriptedBrowser, type Page, type ScriptedBrowser } from '../../src/main/demo/scripted-browser.ts'
import { formsOf } from '../../src/main/demo/html-form.ts'
import { startDemo, type Demo } from '../../src/main/demo/start-demo.ts'
import { freePorts } from './free-port.ts'
import { keepIssued, TEST_LOG, TEST_LOG_LEVEL } from './keep-logs.ts'
import { createMigratedPostgresDatabase } from './migrated-postgres.ts'
import { createTempDirectory } from './temp-directory.ts'
import { VIRTUAL_KEYS } from './virtual-keys.ts'

/** Provider, virtual JPKI and sample shop on real PostgreSQL. */
export interface WholeSystem {
  readonly demo: Demo
  readonly issuer: string
  /** For looking into the database, as nobody may in production. */
  readonly database: pg.Pool
  /** A browser that has come from the shop to the provider's sign-in page. */
  beginSignIn(): Promise<{ readonly browser: ScriptedBrowser; readonly page: Page; readonly interactionId: string }>
  /** The same, and on to the agent: the ticket is in the address of the page that no agent answers. */
  openTicket(): Promise<{ readonly browser: ScriptedBrowser; readonly page: Page; readonly ticket: string }>
  /** Sessions, grants, codes and tokens that exist now. */
  leftBehind(): Promise<Readonly<Record<string, number>>>
  /** Types of the audit events so far, with the code of a refusal. */
  auditTrail(): Promise<readonly string[]>
  close(): Promise<void>
}

export async function startWholeSystem({
  withoutAgent,
  withoutLinkage = false,
  asksConsent = false,
  withApi = false,
  withConsole = false,
}: {
  readonly withoutAgent: boolean
  readonly withoutLinkage?: boolean
  /** The shop is somebody else's: each person is asked once whether it may know them. */
  readonly asksConsent?: boolean
  /** With the API that keeps the shop's orders. */
  readonly withApi?: boolean
  /** With the administrators' console. */
  readonly withConsole?: boolean
}): Promise<WholeSystem> {
  const directory = createTempDirectory('system')
  const postgres = await createMigratedPostgresDatabase()
  const [provider = 0, shop = 0, jpki = 0, agent = 0, api = 0, admin = 0] = await freePorts(6)
  const demo = await startDemo({
    dataDirectory: directory.path,
    keyDirectory: VIRTUAL_KEYS,
    databaseUrl: postgres.databaseUrl,
    persona: 'taro',
    ports: { provider, shop, jpki, agent, ...(withApi ? { api } : {}), ...(withConsole ? { admin } : {}) },
    logLevel: TEST_LOG_LEVEL,
    logDestination: TEST_LOG,
    withoutAgent,
    linkage: withoutLinkage ? 'none' : 'previous',
    firstPartyShop: !asksConsent,
  })
  const database = new pg.Pool({ connectionString: postgres.databaseUrl, max: 2 })
  const issuer = demo.urls.provider

  const beginSignIn: WholeSystem['beginSignIn'] = async () => {
    const browser = createScriptedBrowser({ acceptLanguage: 'en' })
    const page = await browser.follow(await browser.open(demo.urls.shop), '/sign-in')
    const interactionId = page.url.pathname.split('/')[2] ?? ''
    return { browser, page, interactionId }
  }

  return {
    demo,
    issuer,
    database,
    beginSignIn,
    openTicket: async () => {
      const { browser, page } = await beginSignIn()
      const [form] = formsOf(page.html)
      const address = await browser.addressAfter(page, form?.action ?? '', {})
      return { browser, page, ticket: address.searchParams.get('ticket') ?? '' }
    },
    leftBehind: async () => {
      const { rows } = await database.query<{ model: string; count: number }>(
        `SELECT model, count(*)::int AS count FROM oidc_artifacts
         WHERE model IN ('Grant', 'AuthorizationCode', 'AccessToken', 'RefreshToken')
            OR (model = 'Session' AND payload ? 'accountId')
         GROUP BY model ORDER BY model`,
      )
      const { rows: people } = await database.query<{ accounts: number; credentials: number }>(
        `SELECT (SELECT count(*)::int FROM accounts) AS accounts, (SELECT count(*)::int FROM credentials) AS credentials`,
      )
      return { ...Object.fromEntries(rows.map(({ model, count }) => [model, count])), ...people[0] }
    },
    auditTrail: async () => {
      const { rows } = await database.query<{ type: string; code: string | null }>(
        `SELECT type, details ->> 'code' AS code FROM audit_events ORDER BY sequence`,
      )
      return rows.map(({ type, code }) => (code === null ? type : `${type} ${code}`))
    },
    close: async () => {
      keepIssued(demo.jpki)
      await database.end()
      await demo.close()
      await postgres.drop()
      await directory.remove()
    },
  }
}

/** What an agent would answer for this card, done by hand so that every part can be wrong. */
export function answerByHand(
  card: PersonaCard,
  ticket: Pick<TicketMessage, 'nonce' | 'context'>,
  providerOrigin: string,
  signingKey = card.authentication.privateKey,
): Record<string, unknown> {
  const transcript = buildTranscript({ providerOrigin, nonce: ticket.nonce, context: ticket.context })
  return {
    format: FORMAT,
    certificate: Buffer.from(card.authentication.certificateDer).toString('base64'),
    algorithm: 'RS256',
    signature: sign('sha256', transcript, signingKey).toString('base64'),
    agent: { name: 'by hand', version: '1' },
  }
}
