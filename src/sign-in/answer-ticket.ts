import { buildTranscript, responseSchema, type SignedResponse } from '@sekisho/protocol'
import type { CertificateJudge } from '../certificate/judgement.ts'
import { Refusal } from '../error-registry/refusal.ts'
import { encodeEvidence, type Sealer } from './evidence.ts'
import { createToken, digestToken, isToken, type RandomBytes } from './random-token.ts'
import { refuseMiss } from './refuse-miss.ts'
import type { SignInJournal } from './sign-in-journal.ts'
import { COMPLETION_LIFE_MS } from './ticket-states.ts'
import type { Digest, Ticket, TicketOutcome, TicketStore } from './ticket-store.ts'

export interface AnswerTicketDependencies {
  readonly tickets: TicketStore
  readonly judge: CertificateJudge
  readonly sealer: Sealer
  /** The issuer, as an origin: part of what was signed. */
  readonly providerOrigin: string
  readonly now: () => Date
  readonly random: RandomBytes
  readonly journal: Pick<SignInJournal, 'refused'>
  /** A fault of ours while judging: for the operator's log. The person is refused all the same. */
  readonly onFault: (fault: unknown) => void
}

/** Where the browser goes from here. */
export interface Answered {
  readonly interactionId: string
  /** 43 characters base64url, good once, for the browser that holds the interaction's cookie. */
  readonly completionCode: string
}

/**
 * Takes an agent's answer. The nonce is taken first, so that it is used once even when a check fails afterwards
 * (protocol.md "Rules for the provider"). A judged refusal is an answer like any other: the person learns it in the browser.
 *
 * @param unverifiedBody the parsed JSON body, of any shape
 * @throws Refusal SIGNIN_TICKET_* when there is no nonce to take, SIGNIN_RESPONSE_MALFORMED when the body is not of the format
 */
export async function answerTicket(
  deps: AnswerTicketDependencies,
  ticketId: string,
  unverifiedBody: unknown,
): Promise<Answered> {
  if (!isToken(ticketId)) throw new Refusal('SIGNIN_TICKET_MALFORMED')
  const idDigest = digestToken(ticketId)
  const ticket = await deps.tickets.takeNonce(idDigest, deps.now())
  if (typeof ticket === 'string') return refuseMiss(ticket)

  const response = responseSchema.safeParse(unverifiedBody)
  if (!response.success) {
    await settle(deps, idDigest, ticket, { state: 'refused', code: 'SIGNIN_RESPONSE_MALFORMED' })
    throw new Refusal('SIGNIN_RESPONSE_MALFORMED')
  }
  const outcome: TicketOutcome =
    'error' in response.data
      ? { state: 'refused', code: response.data.error }
      : await judgeResponse(deps, ticket, response.data).catch((fault: unknown): TicketOutcome => {
          deps.onFault(fault)
          return { state: 'refused', code: fault instanceof Refusal ? fault.code : 'SERVER_FAILED' }
        })
  return { interactionId: ticket.interactionId, completionCode: await settle(deps, idDigest, ticket, outcome) }
}

async function judgeResponse(
  { judge, sealer, providerOrigin }: AnswerTicketDependencies,
  ticket: Ticket,
  response: SignedResponse,
): Promise<TicketOutcome> {
  const judgement = await judge.judge({
    unverifiedCertificateDer: Buffer.from(response.certificate, 'base64'),
    unverifiedSignature: Buffer.from(response.signature, 'base64'),
    algorithm: response.algorithm,
    transcript: buildTranscript({ providerOrigin, nonce: ticket.nonce, context: ticket.context }),
    revocationPolicy: ticket.revocationPolicy,
  })
  if (judgement.verdict === 'refused') return { state: 'refused', code: judgement.code }
  return {
    state: 'accepted',
    sealedEvidence: sealer.seal(evidencePurpose(ticket.interactionId), encodeEvidence(judgement)),
  }
}

async function settle(
  { tickets, now, random, journal }: AnswerTicketDependencies,
  idDigest: Digest,
  ticket: Ticket,
  outcome: TicketOutcome,
): Promise<string> {
  const completionCode = createToken(random)
  const settled = await tickets.settle(idDigest, outcome, {
    interactionId: ticket.interactionId,
    clientId: ticket.clientId,
    codeDigest: digestToken(completionCode),
    now: now(),
    expiresAt: new Date(now().getTime() + COMPLETION_LIFE_MS),
  })
  if (!settled) return refuseMiss('expired')
  if (outcome.state === 'refused') await journal.refused({ clientId: ticket.clientId, code: outcome.code })
  return completionCode
}

/** Evidence opens only for the interaction it was sealed for. */
export function evidencePurpose(interactionId: string): string {
  return `sign-in evidence ${interactionId}`
}
