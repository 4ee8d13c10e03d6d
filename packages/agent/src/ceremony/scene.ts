import type { AgentFailureCode } from '@sekisho/protocol'
import type { ProviderFailureCode } from '../provider/provider-failure.ts'

/** Why the person sees the page again. */
export type Notice = 'wrong-pin' | 'pin-format' | 'card-changed' | 'form-used'

/** What the person should see now. */
export type Scene =
  | { readonly page: 'pin'; readonly triesLeft: number; readonly readerName: string; readonly notice?: Notice }
  /** One try left: the extra question, whose default is to stop. */
  | { readonly page: 'confirm'; readonly readerName: string; readonly notice?: Notice }
  | { readonly page: 'problem'; readonly code: AgentFailureCode | 'SEVERAL_CARDS'; readonly notice?: Notice }
  | { readonly page: 'done'; readonly completionUri: string; readonly result: 'signed' | AgentFailureCode }
  | { readonly page: 'failed'; readonly code: ProviderFailureCode }
