import { ERROR_REGISTRY, type ErrorCode, type ErrorEntry } from './registry.ts'

/**
 * A refusal with a code of the registry. Thrown where the caller cannot go on; outcomes that a caller decides upon are unions.
 * `detail` is for the operator's log: never shown to anyone else, and never holds a serial, CN, certificate, signature, PIN or secret.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: ErrorCode
  readonly detail: string | undefined

  constructor(code: ErrorCode, detail?: string, options?: ErrorOptions) {
    super(detail === undefined ? code : `${code}: ${detail}`, options)
    this.code = code
    this.detail = detail
  }

  get entry(): ErrorEntry {
    return ERROR_REGISTRY[this.code]
  }
}
