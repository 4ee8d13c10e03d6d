import { setTimeout as pause } from 'node:timers/promises'
import { decodeJwt } from 'jose'
import { answerTicket, beginSignIn, claimTicket, complete, openTicket } from '../test/support/hand-ceremony.ts'
import { API } from '../test/support/operated-world.ts'
import type { RawAnswer } from '../test/support/raw-openid.ts'
import { answerByHand } from '../test/support/whole-system.ts'
import type { FaultWorld } from './fault-world.ts'
import { nameOf, toldBy, type History, type Told } from './history.ts'

/** What is to be tried again when all is over. */
export interface Spent {
  readonly codes: Set<string>
  readonly revoked: Set<string>
  readonly refreshed: Set<string>
  readonly tickets: Map<string, { readonly ticket: string; readonly answer: unknown }>
}

export interface AtWork {
  /** Whole rounds so far. */
  rounds(): number
  stop(): Promise<void>
}

/** So many try the same code, ticket or completion at once. */
const RIVALS = 3

/**
 * Somebody who signs in again and again and uses what they get, through whatever happens, writing down what they are told. Tries
 * to use everything more than once.
 */
export function putToWork(world: FaultWorld, persona: string, history: History, spent: Spent): AtWork {
  const { clients, operated } = world
  const stopping = new AbortController()
  let rounds = 0

  /** @returns what an attempt came to, and writes it down; a connection that broke is `undefined` */
  const ask = async (work: () => Promise<RawAnswer>): Promise<RawAnswer | undefined> => work().catch(() => undefined)

  /** @param rivals more than one end the grant: a code that is used twice was stolen */
  const redeem = async (code: string, rivals: number): Promise<RawAnswer | undefined> => {
    spent.codes.add(code)
    const answers = await Promise.all(
      Array.from({ length: rivals }, async () => {
        const from = history.now()
        const answer = await ask(() => clients.redeem(code))
        const told = toldBy(answer?.status)
        const idToken = answer?.body['id_token']
        const sub = typeof idToken === 'string' ? { sub: decodeJwt(idToken).sub ?? '' } : {}
        history.tell(from, { op: 'redeem', code: nameOf(code), persona, told, ...sub })
        return answer
      }),
    )
    return answers.find((answer) => answer?.status === 200)
  }

  const introspect = async (token: string): Promise<void> => {
    const from = history.now()
    const answer = await ask(() => clients.introspect(token))
    const active = answer?.status === 200 ? answer.body['active'] : undefined
    const told = active === true ? 'active' : active === false ? 'inactive' : 'unknown'
    history.tell(from, { op: 'introspect', token: nameOf(token), told })
  }

  /** With a browser, as people do it; agrees when asked. */
  const signInAndUse = async (rivals: number): Promise<void> => {
    const from = history.now()
    let code: string | undefined
    try {
      code = await clients.authorize(operated.person(persona), { resource: API, scope: 'openid offline_access read' })
    } finally {
      history.tell(from, { op: 'sign-in', persona, told: code === undefined ? 'unknown' : 'ok' })
    }
    const tokens = await redeem(code, rivals)
    if (tokens === undefined || rivals > 1) return
    const [access, refresh] = [String(tokens.body['access_token']), String(tokens.body['refresh_token'])]
    await introspect(access)
    const began = history.now()
    const refreshed = await ask(() => clients.refresh(refresh))
    history.tell(began, { op: 'refresh', token: nameOf(refresh), told: toldBy(refreshed?.status) })
    if (refreshed?.status === 200) spent.refreshed.add(refresh)
    const newest = refreshed?.status === 200 ? String(refreshed.body['access_token']) : access
    const revoking = history.now()
    const revoked = await ask(() => clients.revoke(newest))
    history.tell(revoking, { op: 'revoke', token: nameOf(newest), told: toldBy(revoked?.status) })
    if (revoked?.status === 200) spent.revoked.add(newest)
    await introspect(newest)
  }

  /** Step by step, each by several at once. */
  const signInByHand = async (): Promise<void> => {
    const address = operated.balancer.url
    const begun = await beginSignIn(address)
    const ticket = await openTicket(address, address, begun)
    const { body } = await claimTicket(address, ticket)
    const answer = answerByHand(await operated.jpki.card(persona), body, address)
    spent.tickets.set(nameOf(ticket), { ticket, answer })
    const rivals = async <Answer extends { status: number } | string>(
      op: 'answer' | 'complete',
      work: () => Promise<Answer>,
    ): Promise<(Answer | undefined)[]> =>
      Promise.all(
        Array.from({ length: RIVALS }, async () => {
          const from = history.now()
          const got = await work().catch(() => undefined)
          const told = typeof got === 'string' ? toldByPage(got) : toldBy(got?.status)
          history.tell(from, { op, ticket: nameOf(ticket), told })
          return got
        }),
      )
    const answered = await rivals('answer', () => answerTicket(address, ticket, answer))
    const completion = answered.find((one) => one?.completion_uri !== undefined)?.completion_uri
    if (completion !== undefined) await rivals('complete', () => complete(address, completion, begun))
  }

  const steps = [() => signInAndUse(1), () => signInAndUse(RIVALS), signInByHand]
  const working = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await steps[rounds % steps.length]?.()
      } catch {
        // it is written down; a server that does not answer is not asked a thousand times a second
        await pause(50)
      }
      rounds += 1
    }
  })()
  return {
    rounds: () => rounds,
    stop: async () => {
      stopping.abort()
      await working
    },
  }
}

/** @param where what `complete` came to: an address, a code of the registry, or a status */
function toldByPage(where: string): Told {
  if (where.includes('/auth/')) return 'ok'
  return /^(SERVER_|status 5)/.test(where) ? 'unknown' : 'refused'
}
