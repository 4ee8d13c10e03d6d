/** sysexits.h */
export const EX_USAGE = 64
export const EX_DATAERR = 65
export const EX_NOINPUT = 66
export const EX_UNAVAILABLE = 69
export const EX_CANTCREAT = 73

/** A command that cannot be done; `message` is all that the operator needs. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused'
  readonly exitCode: number
  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}
