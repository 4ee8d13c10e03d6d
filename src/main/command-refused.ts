/** sysexits.h */
export const EX_DATAERR = 65
export const EX_NOINPUT = 66
export const EX_UNAVAILABLE = 69

/** A command that cannot be done; `message` is all that the operator needs. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused'
  readonly exitCode: number
  constructor(exitCode: number, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}
