import type { AgentFailureCode } from '@sekisho/protocol'
import type { TokenKind } from '../card/read-token-kind.ts'
import type { ProviderFailureCode } from '../provider/provider-failure.ts'

/** Why the person sees the page again. */
export type Notice =
  | 'wrong-pin'
  | 'pin-format'
  | 'card-changed'
  | 'form-used'
  /** The window of pinentry was closed, or waited in vain. */
  | 'pin-cancelled'
  | 'pin-timed-out'
  | 'pin-entry-unavailable'

interface CardScene {
  readonly readerName: string
  readonly kind: TokenKind
  /** The person chose this reader among several. */
  readonly chosen: boolean
  readonly notice?: Notice
}

/** What the person should see now. */
export type Scene =
  | ({ readonly page: 'pin'; readonly triesLeft: number } & CardScene)
  /** One try left: the extra question, whose default is to stop. */
  | ({ readonly page: 'confirm' } & CardScene)
  /** Several cards: which one? */
  | { readonly page: 'choose'; readonly readerNames: readonly string[]; readonly notice?: Notice }
  /** The PIN is being asked for elsewhere: in a window of pinentry. */
  | { readonly page: 'asking' }
  | { readonly page: 'problem'; readonly code: AgentFailureCode; readonly notice?: Notice }
  | { readonly page: 'done'; readonly completionUri: string; readonly result: 'signed' | AgentFailureCode }
  | { readonly page: 'failed'; readonly code: ProviderFailureCode }
