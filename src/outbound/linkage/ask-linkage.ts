import type { LinkageQuestion, LinkageUnavailable } from '../../subject/linkage-service.ts'
import type { OutboundClient } from '../create-outbound-client.ts'
import type { OutboundAnswer } from '../exchange.ts'
import type { AccessTokens } from '../operator/create-access-tokens.ts'
import { OutboundFault, type OutboundFaultReason } from '../outbound-fault.ts'
import { buildQuestion, type ParsedAnswer, type QuestionMessage } from './linkage-messages.ts'

export interface AskLinkageOptions {
  /** With a client certificate, when the operator asks for one (`tls` of the client). */
  readonly client: OutboundClient
  /** OAuth client credentials; `undefined` when the client certificate is enough. */
  readonly accessTokens: AccessTokens | undefined
  readonly random: (octets: number) => Uint8Array
  readonly now: () => Date
  /** For one question and its repetition; the client has its own for each attempt. */
  readonly deadlineMs: number
  readonly skewMs: number
  /** How old the service's data may be. */
  readonly maxAgeMs: number
}

/** Whether it speaks against the service as a whole, so that the breaker counts it. */
export type LinkageFailure = LinkageUnavailable & { readonly trips: boolean }

/** Attempts that came to nothing on the way are worth one repetition: the question changes nothing (docs/linkage-operator.md). */
const REPEATED_STATUSES: readonly number[] = [500, 503]
const REPEATED_FAULTS: readonly OutboundFaultReason[] = ['connection-failed', 'deadline-passed']

/** One question, with its repetitions, to one endpoint: an answer that belongs to it and to now, or why there is none. */
export async function askLinkage<Found>(
  options: AskLinkageOptions,
  url: string,
  question: LinkageQuestion,
  parse: (body: Uint8Array) => ParsedAnswer<Found> | undefined,
): Promise<ParsedAnswer<Found> | LinkageFailure> {
  const message = buildQuestion(Buffer.from(options.random(16)).toString('base64url'), question)
  const sent = await sendPatiently(options, url, message)
  if ('cause' in sent) return sent
  if (sent.status !== 200) return failureOf(sent.status)
  const answer = parse(sent.body)
  if (answer === undefined) return fail('answer-malformed', true)
  if (answer.requestId !== message.request_id) return fail('answer-to-another-question', true)
  const nowMs = options.now().getTime()
  if (answer.asOf.getTime() > nowMs + options.skewMs) return fail('answer-from-the-future', true)
  if (answer.asOf.getTime() < nowMs - options.maxAgeMs) return fail('answer-stale', true)
  return answer
}

async function sendPatiently(
  options: AskLinkageOptions,
  url: string,
  message: QuestionMessage,
): Promise<OutboundAnswer | LinkageFailure> {
  const untilMs = options.now().getTime() + options.deadlineMs
  let mayRenewToken = true
  let mayRepeat = true
  for (;;) {
    const attempt = await send(options, url, message).catch((error: unknown) => {
      if (error instanceof OutboundFault) return error
      throw error
    })
    const isFault = attempt instanceof OutboundFault
    if (!isFault && attempt.status === 401 && mayRenewToken && options.accessTokens?.forget() === true) {
      mayRenewToken = false
      continue
    }
    const isWorthRepeating = isFault
      ? REPEATED_FAULTS.includes(attempt.reason)
      : REPEATED_STATUSES.includes(attempt.status)
    if (isWorthRepeating && mayRepeat && options.now().getTime() < untilMs) {
      mayRepeat = false
      continue
    }
    return isFault ? fail(attempt.reason, true) : attempt
  }
}

async function send(
  { client, accessTokens }: AskLinkageOptions,
  url: string,
  message: QuestionMessage,
): Promise<OutboundAnswer> {
  const token = await accessTokens?.get()
  return client.send({
    method: 'POST',
    url,
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(message),
  })
}

function failureOf(status: number): LinkageFailure {
  switch (status) {
    case 401:
    case 403:
      return fail('not-permitted', true)
    case 422:
      return fail('certificate-unknown-or-ambiguous', false)
    case 429:
      return fail('too-many-questions', false)
    default:
      return fail(`status-${status}`, status >= 500)
  }
}

function fail(cause: string, trips: boolean): LinkageFailure {
  return { status: 'unavailable', cause, trips }
}
