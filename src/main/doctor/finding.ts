/**
 * Everything that `sekisho doctor` can say, and how bad it is. The words are `doctor.<CODE>` in locales/*.json. A code is stable once
 * released: monitoring may look for it.
 */
export const DOCTOR_CODES = {
  CONFIG_OK: 'ok',
  CONFIG_INVALID: 'fail',
  ISSUER_UNREACHABLE: 'fail',
  DATABASE_OK: 'ok',
  DATABASE_EMBEDDED: 'ok',
  DATABASE_IN_USE: 'warn',
  DATABASE_OLD: 'fail',
  DATABASE_UNREACHABLE: 'fail',
  SCHEMA_OK: 'ok',
  SCHEMA_PENDING: 'warn',
  SCHEMA_UNUSABLE: 'fail',
  DATABASE_RESTORED: 'fail',
  AUDIT_ROWS_PROTECTED: 'ok',
  AUDIT_ROWS_EDITABLE: 'warn',
  AUDIT_PRUNE_REFUSED: 'warn',
  DATABASE_RIGHTS_MISSING: 'fail',
  CLOCK_OK: 'ok',
  CLOCK_OFF: 'fail',
  REDIS_OK: 'ok',
  REDIS_NOT_USED: 'ok',
  REDIS_UNREACHABLE: 'fail',
  REDIS_EVICTS: 'fail',
  SHORT_LIVED_ELSEWHERE: 'fail',
  ANCHORS_OK: 'ok',
  ANCHORS_ENDING: 'warn',
  ANCHORS_GENERATION_MISSING: 'warn',
  ANCHORS_VIRTUAL: 'warn',
  ANCHORS_NONE: 'fail',
  ANCHORS_REFUSED: 'fail',
  KEYS_OK: 'ok',
  KEYS_NOT_MADE: 'warn',
  KEYS_OVERDUE: 'fail',
  KEYS_DO_NOT_OPEN: 'fail',
  REVOCATION_OK: 'ok',
  REVOCATION_NONE: 'warn',
  REVOCATION_UNREACHABLE: 'fail',
  REVOCATION_LIST_UNUSABLE: 'fail',
  LINKAGE_OK: 'ok',
  LINKAGE_NONE: 'ok',
  LINKAGE_UNREACHABLE: 'fail',
  PROXY_OK: 'ok',
  PROXY_UNREACHABLE: 'warn',
  PROXY_OTHER_SERVER: 'fail',
  PROXY_SERVER_FAILS: 'fail',
  PROXY_LOSES_COOKIES: 'fail',
  PROXY_SERVES_HTTP: 'warn',
  NOT_EXAMINED: 'warn',
} as const satisfies Record<string, 'ok' | 'warn' | 'fail'>

export type DoctorCode = keyof typeof DOCTOR_CODES

/** One line. `values` fill the places of its words; none of them is a secret. */
export interface Finding {
  readonly code: DoctorCode
  readonly values?: Readonly<Record<string, string>>
}

export function levelOf({ code }: Finding): 'ok' | 'warn' | 'fail' {
  return DOCTOR_CODES[code]
}
