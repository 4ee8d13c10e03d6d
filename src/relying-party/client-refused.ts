export type ClientRefusalCode =
  | 'CLIENT_UNKNOWN'
  | 'CLIENT_EXISTS'
  | 'CLIENT_CHANGED'
  | 'CLIENT_WITHOUT_SECRET'
  | 'CLIENT_SUBJECTS_WOULD_CHANGE'
  | 'CLIENT_BUILT_IN'

/** What an operator asked for cannot be done; `message` says why. Nothing was changed. */
export class ClientRefused extends Error {
  override readonly name = 'ClientRefused'
  readonly code: ClientRefusalCode
  constructor(code: ClientRefusalCode, message: string) {
    super(message)
    this.code = code
  }
}
