import type { TicketMessage } from '@sekisho/protocol'
import { answerTicket, type AnswerTicketDependencies, type Answered } from './answer-ticket.ts'
import { chooseAccount, type AccountChoice, type ChooseAccountDependencies } from './choose-account.ts'
import { claimTicket } from './claim-ticket.ts'
import { completeSignIn, type CompleteSignInDependencies, type Completion } from './complete-sign-in.ts'
import { openTicket, type OpenTicketRequest } from './open-ticket.ts'

export type SignInDependencies = AnswerTicketDependencies & CompleteSignInDependencies & ChooseAccountDependencies

/** The ceremony (protocol.md), one function a step; `main/` hands in what they need. */
export interface SignIn {
  openTicket(request: OpenTicketRequest): Promise<string>
  /** The person went back to the site without using a card. */
  abandon(clientId: string): Promise<void>
  claimTicket(ticketId: string): Promise<TicketMessage>
  answerTicket(ticketId: string, unverifiedBody: unknown): Promise<Answered>
  completeSignIn(unverifiedCode: unknown, cookieInteractionId: string | undefined): Promise<Completion>
  /** After `choice-needed`: what the person with an unknown card answered. */
  chooseAccount(
    unverifiedToken: unknown,
    cookieInteractionId: string | undefined,
    choice: AccountChoice,
  ): Promise<Completion>
}

export function createSignIn(deps: SignInDependencies): SignIn {
  return {
    abandon: (clientId) => deps.journal.refused({ clientId, code: 'AGENT_CANCELLED' }),
    openTicket: (request) => openTicket(deps, request),
    claimTicket: (ticketId) => claimTicket(deps, ticketId),
    answerTicket: (ticketId, unverifiedBody) => answerTicket(deps, ticketId, unverifiedBody),
    completeSignIn: (unverifiedCode, interactionId) => completeSignIn(deps, unverifiedCode, interactionId),
    chooseAccount: (unverifiedToken, interactionId, choice) =>
      chooseAccount(deps, unverifiedToken, interactionId, choice),
  }
}
