/** Why the provider could not be used. Not part of the wire format: there is nobody left to tell but the person. */
export const PROVIDER_FAILURE_CODES = [
  /** No answer: name, connection, TLS or deadline. */
  'PROVIDER_UNREACHABLE',
  /** An answer that is not protocol: status, type, size, schema, or a completion address elsewhere. */
  'PROVIDER_ANSWER_INVALID',
  /** The provider does not know the ticket, or not any more. */
  'TICKET_REFUSED',
] as const

export type ProviderFailureCode = (typeof PROVIDER_FAILURE_CODES)[number]

/** `detail` is for the log; never a ticket, a nonce or an answer's text. */
export class ProviderFailure extends Error {
  override readonly name = 'ProviderFailure'
  readonly code: ProviderFailureCode
  readonly detail: string

  constructor(code: ProviderFailureCode, detail: string, options?: ErrorOptions) {
    super(`${code}: ${detail}`, options)
    this.code = code
    this.detail = detail
  }
}
