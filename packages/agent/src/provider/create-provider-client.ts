import type { Dispatcher } from 'undici'
import {
  FORMAT,
  MAX_TICKET_BYTES,
  agentApiErrorSchema,
  completionSchema,
  parseProviderOrigin,
  ticketSchema,
  type AgentFailureCode,
  type ResponseMessage,
  type SignatureAlgorithm,
  type TicketMessage,
} from '@sekisho/protocol'
import { ProviderFailure } from './provider-failure.ts'
import { createDispatcher, requestJson, type JsonAnswer } from './request-json.ts'

export interface FetchedTicket {
  readonly ticket: TicketMessage
  /** How long it lives, by the provider's own clock when it told it: a wrong clock here must not end every ceremony. */
  readonly lifeMs: number
}

export type CeremonyResult =
  | { readonly certificateDer: Uint8Array; readonly algorithm: SignatureAlgorithm; readonly signature: Uint8Array }
  | { readonly error: AgentFailureCode }

export interface ProviderClient {
  /** `GET {issuer}/agent/tickets/{id}`. The first fetch claims the ticket: it is never repeated. @throws ProviderFailure */
  fetchTicket(origin: string, ticketId: string): Promise<FetchedTicket>
  /** `POST {issuer}/agent/tickets/{id}/response`. @returns where the browser goes, on the provider's origin @throws ProviderFailure */
  sendResult(origin: string, ticketId: string, result: CeremonyResult): Promise<{ completionUri: string }>
  close(): Promise<void>
}

/** Longer than the hard life of a nonce (protocol.md) is a mistake of somebody's clock. */
const MAX_LIFE_MS = 300_000
const MAX_COMPLETION_BYTES = 4 * 1024

export function createProviderClient(deps: {
  now: () => Date
  agent: { name: string; version: string }
  deadlineMs?: number
  dispatcher?: Dispatcher
}): ProviderClient {
  const { now, agent, deadlineMs = 15_000, dispatcher = createDispatcher(5_000) } = deps
  const address = (origin: string, ticketId: string) => `${origin}/agent/tickets/${encodeURIComponent(ticketId)}`

  return {
    async fetchTicket(origin, ticketId) {
      const url = address(origin, ticketId)
      const answer = await requestJson({ url, method: 'GET', dispatcher, deadlineMs, maxBytes: MAX_TICKET_BYTES })
      refuseErrors(answer)
      const parsed = ticketSchema.safeParse(answer.body)
      if (!parsed.success) throw new ProviderFailure('PROVIDER_ANSWER_INVALID', `ticket: ${faults(parsed.error)}`)
      refuseLookalike(parsed.data.relying_party.origin)
      const lifeMs = Date.parse(parsed.data.expires_at) - (answer.date ?? now()).getTime()
      if (!(lifeMs > 0)) throw new ProviderFailure('TICKET_REFUSED', 'expired')
      return { ticket: parsed.data, lifeMs: Math.min(lifeMs, MAX_LIFE_MS) }
    },

    async sendResult(origin, ticketId, result) {
      const url = `${address(origin, ticketId)}/response`
      const body: ResponseMessage =
        'error' in result
          ? { format: FORMAT, error: result.error, agent }
          : {
              format: FORMAT,
              certificate: toBase64(result.certificateDer),
              algorithm: result.algorithm,
              signature: toBase64(result.signature),
              agent,
            }
      const answer = await requestJson({
        url,
        method: 'POST',
        body,
        dispatcher,
        deadlineMs,
        maxBytes: MAX_COMPLETION_BYTES,
      })
      refuseErrors(answer)
      const parsed = completionSchema.safeParse(answer.body)
      if (!parsed.success) throw new ProviderFailure('PROVIDER_ANSWER_INVALID', `completion: ${faults(parsed.error)}`)
      return { completionUri: onOrigin(parsed.data.completion_uri, origin) }
    },

    close: () => dispatcher.close(),
  }
}

function refuseErrors(answer: JsonAnswer): void {
  if (answer.status >= 200 && answer.status < 300) return
  const parsed = agentApiErrorSchema.safeParse(answer.body)
  const detail = `status ${String(answer.status)}${parsed.success ? ` ${parsed.data.error}` : ''}`
  throw new ProviderFailure(
    parsed.success && answer.status < 500 ? 'TICKET_REFUSED' : 'PROVIDER_ANSWER_INVALID',
    detail,
  )
}

/** The browser is sent nowhere but to the provider that the person trusts: an address elsewhere would be an open redirect. */
function onOrigin(uri: string, origin: string): string {
  const url = URL.parse(uri)
  if (url?.origin !== origin || url.username !== '' || url.password !== '') {
    throw new ProviderFailure('PROVIDER_ANSWER_INVALID', 'completion_uri on another origin')
  }
  return url.href
}

/** What the page shows as the site's address is written as browsers write it: no look-alike letters, no user information. */
function refuseLookalike(shown: string): void {
  if (parseProviderOrigin(shown) !== shown) throw new ProviderFailure('PROVIDER_ANSWER_INVALID', 'relying_party.origin')
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/** Paths of the faults, without the values. */
function faults(error: { issues: readonly { path: PropertyKey[]; code?: string }[] }): string {
  return error.issues.map(({ path, code }) => `${path.join('.') || '(all)'} ${code ?? ''}`.trim()).join(', ')
}
