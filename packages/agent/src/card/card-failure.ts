import type { AgentFailureCode } from '@sekisho/protocol'

/** Why the card could not be used. `detail` is for the log and never holds card data. */
export class CardFailure extends Error {
  override readonly name = 'CardFailure'
  readonly code: AgentFailureCode
  readonly detail: string | undefined

  constructor(code: AgentFailureCode, detail?: string, options?: ErrorOptions) {
    super(detail === undefined ? code : `${code}: ${detail}`, options)
    this.code = code
    this.detail = detail
  }
}
