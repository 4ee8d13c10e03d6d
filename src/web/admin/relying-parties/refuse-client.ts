import type { ErrorCode } from '../../../error-registry/registry.ts'
import { Refusal } from '../../../error-registry/refusal.ts'
import { ClientRefused, type ClientRefusalCode } from '../../../relying-party/client-refused.ts'

const CODES: Readonly<Record<ClientRefusalCode, ErrorCode>> = {
  CLIENT_UNKNOWN: 'ADMIN_CLIENT_NOT_FOUND',
  CLIENT_EXISTS: 'ADMIN_CLIENT_EXISTS',
  CLIENT_CHANGED: 'ADMIN_CHANGED_MEANWHILE',
  CLIENT_WITHOUT_SECRET: 'ADMIN_CLIENT_WITHOUT_SECRET',
  CLIENT_SUBJECTS_WOULD_CHANGE: 'ADMIN_CLIENT_SUBJECTS_WOULD_CHANGE',
  CLIENT_BUILT_IN: 'ADMIN_CLIENT_BUILT_IN',
}

/** What an administrator asked for and cannot be done, as a refusal of the registry. @throws always: Refusal, or the fault as it came */
export function refuseClient(fault: unknown): never {
  throw fault instanceof ClientRefused ? new Refusal(CODES[fault.code], fault.message, { cause: fault }) : fault
}

/** Whether it was refused for this. */
export function isRefusedFor(fault: unknown, code: ClientRefusalCode): boolean {
  return fault instanceof ClientRefused && fault.code === code
}
