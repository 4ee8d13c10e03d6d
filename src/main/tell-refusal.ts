import { Refusal } from '../error-registry/refusal.ts'
import type { ErrorCode } from '../error-registry/registry.ts'
import { CommandRefused, EX_DATAERR } from './command-refused.ts'

export interface TellRefusalOptions {
  /** Which refusals answer this command: what it was told cannot be done. */
  readonly isAnswer?: (code: ErrorCode) => boolean
  readonly json?: boolean | undefined
}

/**
 * What an operator can mend is one line on standard error and an exit status, not a stack.
 *
 * @throws every other fault, as it is
 */
export function tellRefusal(fault: unknown, { isAnswer, json }: TellRefusalOptions = {}): void {
  if (fault instanceof CommandRefused) {
    console.error(fault.message)
    process.exitCode = fault.exitCode
    return
  }
  if (!(fault instanceof Refusal) || isAnswer?.(fault.code) !== true) throw fault
  const { code, detail, message } = fault
  console.error(json === true ? JSON.stringify({ error: code, detail }) : message)
  process.exitCode = EX_DATAERR
}

/** An action whose refusals are told. */
export function refusing<Options>(action: (options: Options) => Promise<void>): (options: Options) => Promise<void> {
  return (options) =>
    action(options).catch((fault: unknown) => {
      tellRefusal(fault)
    })
}

/** For commands about accounts and whoever administers them. */
export function isAdminCode(code: ErrorCode): boolean {
  return code.startsWith('ADMIN_')
}
