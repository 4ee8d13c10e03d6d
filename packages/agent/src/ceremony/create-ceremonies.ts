import { ticketIdSchema } from '@sekisho/protocol'
import { timingSafeEqual } from 'node:crypto'
import { ProviderFailure } from '../provider/provider-failure.ts'
import { TrustListFault, type TrustList, type TrustedProvider } from '../trust-list/trust-list.ts'
import { AgentRefusal } from './agent-refusal.ts'
import { isLive } from './ceremony-states.ts'
import { createCeremony, type Ceremony, type CeremonyDeps } from './create-ceremony.ts'

export type Opening =
  | { readonly outcome: 'opened'; readonly ceremony: Ceremony }
  /** Another one is open. `running` is missing while that one is only being fetched. */
  | { readonly outcome: 'busy'; readonly running: Ceremony | undefined }

export interface Ceremonies {
  /**
   * The ceremony of a ticket: fetched on the first call, the same one on every further call.
   *
   * @throws AgentRefusal ADDRESS_INVALID, PROVIDER_UNKNOWN, PROVIDER_UNREACHABLE, PROVIDER_ANSWER_INVALID, TICKET_REFUSED
   */
  open(providerName: string, ticketId: string): Promise<Opening>
  /** @throws AgentRefusal REQUEST_FOREIGN for a token of no ceremony */
  byToken(token: string): Ceremony
  /** The running ceremony, for who holds the token of the page that offers to give it up. @throws AgentRefusal */
  byReplaceToken(token: string): Ceremony
  /** Tells the provider of a ceremony that is still open. */
  close(): Promise<void>
}

/** `host[:port]` as `providerName` makes it, IPv6 literals included. */
const PROVIDER_NAME = /^[a-z0-9.:[\]-]{1,255}$/

export function createCeremonies(deps: CeremonyDeps & { trustList: TrustList }): Ceremonies {
  const { trustList, log } = deps
  let current: Ceremony | undefined
  let opening: { ticketId: string; provider: string; ceremony: Promise<Ceremony> } | undefined

  async function fetchCeremony(provider: TrustedProvider, ticketId: string): Promise<Ceremony> {
    try {
      const fetched = await deps.provider.fetchTicket(provider.origin, ticketId)
      current = createCeremony(deps, { provider, ticketId, ...fetched })
      log.info({ provider: provider.name }, 'ceremony opened')
      return current
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error
      throw new AgentRefusal(error.code, error.detail)
    }
  }

  function isTaken(): boolean {
    return current !== undefined && isLive(current.state()) && !current.isExpired()
  }

  return {
    async open(name, ticketId) {
      if (!PROVIDER_NAME.test(name) || !ticketIdSchema.safeParse(ticketId).success)
        throw new AgentRefusal('ADDRESS_INVALID')
      const provider = await findProvider(trustList, name)
      if (current?.ticketId === ticketId && current.provider.name === name)
        return { outcome: 'opened', ceremony: current }
      if (opening !== undefined) {
        if (opening.ticketId !== ticketId || opening.provider !== name) return { outcome: 'busy', running: undefined }
        return { outcome: 'opened', ceremony: await opening.ceremony }
      }
      if (isTaken()) return { outcome: 'busy', running: current }
      const ceremony = fetchCeremony(provider, ticketId)
      opening = { ticketId, provider: name, ceremony }
      try {
        return { outcome: 'opened', ceremony: await ceremony }
      } finally {
        opening = undefined
      }
    },

    byToken(token) {
      if (current === undefined) throw new AgentRefusal('CEREMONY_NOT_FOUND')
      if (!isSame(token, current.token)) throw new AgentRefusal('REQUEST_FOREIGN', 'token')
      return current
    },

    byReplaceToken(token) {
      if (current === undefined) throw new AgentRefusal('CEREMONY_NOT_FOUND')
      if (!isSame(token, current.replaceToken)) throw new AgentRefusal('REQUEST_FOREIGN', 'token')
      return current
    },

    async close() {
      if (current !== undefined && isLive(current.state())) await current.leave()
    },
  }
}

async function findProvider(trustList: TrustList, name: string): Promise<TrustedProvider> {
  try {
    const provider = await trustList.find(name)
    if (provider === undefined) throw new AgentRefusal('PROVIDER_UNKNOWN')
    return provider
  } catch (error) {
    if (error instanceof TrustListFault) throw new AgentRefusal('TRUST_LIST_UNREADABLE', error.code)
    throw error
  }
}

function isSame(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)]
  return left.length === right.length && timingSafeEqual(left, right)
}
