import { sign } from 'node:crypto'
import { promisify } from 'node:util'
import { buildTranscript, FORMAT, type TicketMessage } from '@sekisho/protocol'
import { authorizationPath, basic, CALLBACK, SITE, VERIFIER, type Wish } from '../scene.ts'
import { leadOf, openBrowser, type Browser } from './browse.ts'
import { form, UnexpectedAnswer, type Answer, type Connection } from './http-connection.ts'
import type { Card } from './issue-cards.ts'

/** What a site gets for a code. */
export interface Tokens {
  readonly access: string
  readonly refresh: string | undefined
  /** Requests of the browser alone. */
  readonly browserRequests: number
}

export interface LogInOptions {
  readonly connection: Connection
  /** `http://localhost:port`, the issuer. */
  readonly origin: string
  readonly secret: string
  readonly wish: Wish
}

/** In the thread pool, so that a card that thinks does not hold up other people's answers. */
const signAsCard = promisify<string, Buffer, Card['privateKey'], Buffer>(sign)

/** A log-in, one request after the other: what each was is said when it was answered. */
export type LogInWalk = AsyncGenerator<string, Tokens, undefined>

/** To its end. */
export async function finish(walk: LogInWalk): Promise<Tokens> {
  for (;;) {
    const { done, value } = await walk.next()
    if (done === true) return value
  }
}

/** At stock oidc-provider, where the log-in itself is a stub. */
export async function* walkWithStub(options: Omit<LogInOptions, 'wish'>): LogInWalk {
  const { connection, origin } = options
  const browser = openBrowser(connection, origin)
  const page = leadOf(await browser.open(authorizationPath({ offline: false })), origin)
  yield 'GET /auth'
  const resume = leadOf(await browser.open(page.pathname), origin)
  yield 'GET interaction'
  const last = await browser.open(resume.pathname)
  yield 'GET resume'
  return redeem(options, browser, last)
}

/** At the first draft, whose page hands a challenge to the agent and takes its answer. */
export async function* walkAtFirstDraft(options: Omit<LogInOptions, 'wish'> & { readonly card: Card }): LogInWalk {
  const { connection, origin, card } = options
  const browser = openBrowser(connection, origin)
  const page = leadOf(await browser.open(authorizationPath({ offline: false })), origin)
  yield 'GET /auth'
  const { nonce } = JSON.parse((await browser.open(page.pathname)).text) as { readonly nonce: string }
  yield 'GET interaction'
  const signature = await signAsCard('sha256', Buffer.from(nonce, 'base64url'), card.privateKey)
  const answer = form({ certificate: card.certificateDer.toString('base64'), signature: signature.toString('base64') })
  const resume = leadOf(await browser.submit(page.pathname, answer.body), origin)
  yield 'POST answer'
  const last = await browser.open(resume.pathname)
  yield 'GET resume'
  return redeem(options, browser, last)
}

/** At ours: the browser's pages, and what the agent asks and answers meanwhile. */
export async function* walkWithCard(options: LogInOptions & { readonly card: Card }): LogInWalk {
  const { connection, origin, wish, card } = options
  const browser = openBrowser(connection, origin)
  const page = leadOf(await browser.open(authorizationPath(wish)), origin)
  yield 'GET /auth'
  await browser.open(page.pathname)
  yield 'GET interaction'
  const agent = leadOf(await browser.submit(`${page.pathname}/card`, ''), origin)
  yield 'POST card'
  const completion = yield* answerAsAgent(connection, origin, agent.searchParams.get('ticket') ?? '', card)
  const resume = leadOf(await browser.open(`${completion.pathname}${completion.search}`), origin)
  yield 'GET complete'
  const last = await browser.open(`${resume.pathname}${resume.search}`)
  yield 'GET resume'
  return redeem(options, browser, last)
}

async function* answerAsAgent(
  connection: Connection,
  origin: string,
  ticket: string,
  card: Card,
): AsyncGenerator<string, URL, undefined> {
  const path = `/agent/tickets/${ticket}`
  const claimed = await connection.ask({ method: 'GET', path, expect: 200 })
  yield 'GET ticket (agent)'
  const { nonce, context } = JSON.parse(claimed.text) as TicketMessage
  const transcript = Buffer.from(buildTranscript({ providerOrigin: origin, nonce, context }))
  const signature = await signAsCard('sha256', transcript, card.privateKey)
  const answered = await connection.ask({
    method: 'POST',
    path: `${path}/response`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      format: FORMAT,
      certificate: card.certificateDer.toString('base64'),
      algorithm: 'RS256',
      signature: signature.toString('base64'),
      agent: { name: 'bench', version: '1' },
    }),
    expect: 200,
  })
  yield 'POST response (agent)'
  const { completion_uri: completion } = JSON.parse(answered.text) as { readonly completion_uri: string }
  return new URL(completion, origin)
}

async function redeem(
  { connection, origin, secret }: Omit<LogInOptions, 'wish'>,
  browser: Browser,
  last: Answer,
): Promise<Tokens> {
  const back = leadOf(last, origin)
  const code = back.searchParams.get('code')
  if (!back.href.startsWith(CALLBACK) || code === null) {
    throw new UnexpectedAnswer(`no code: ${back.pathname} ${back.searchParams.get('error') ?? ''}`)
  }
  const { headers, body } = form({
    grant_type: 'authorization_code',
    code,
    redirect_uri: CALLBACK,
    code_verifier: VERIFIER,
  })
  const authorization = basic(SITE, secret)
  const answer = await connection.ask({
    method: 'POST',
    path: '/token',
    headers: { ...headers, authorization },
    body,
    expect: 200,
  })
  const tokens = JSON.parse(answer.text) as Readonly<Record<string, unknown>>
  if (typeof tokens['id_token'] !== 'string' || typeof tokens['access_token'] !== 'string') {
    throw new UnexpectedAnswer(`tokens are missing: ${Object.keys(tokens).join(', ')}`)
  }
  const refresh = typeof tokens['refresh_token'] === 'string' ? tokens['refresh_token'] : undefined
  return { access: tokens['access_token'], refresh, browserRequests: browser.requests }
}
