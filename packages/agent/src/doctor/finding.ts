/** The steps, in the order in which they depend on each other. */
export const DOCTOR_STEPS = [
  'service',
  'reader',
  'card',
  'application',
  'certificate',
  'validity',
  'pin',
  'clock',
  'provider',
] as const
export type DoctorStep = (typeof DOCTOR_STEPS)[number]

/** Codes of a finding beyond the failure codes of the protocol. */
export const DOCTOR_CODES = [
  'OK',
  'NOT_CHECKED',
  'NEEDS_PIN',
  'SEVERAL_CARDS',
  'CERT_EXPIRED',
  'CERT_NOT_YET_VALID',
  'PIN_LAST_TRY',
  'CLOCK_WRONG',
  'PROVIDER_NONE_TRUSTED',
  'PROVIDER_UNREACHABLE',
  'PROVIDER_CERTIFICATE_UNTRUSTED',
  'PROVIDER_NOT_ITSELF',
  'TRUST_LIST_UNREADABLE',
] as const

export interface Finding {
  readonly step: DoctorStep
  readonly outcome: 'ok' | 'failed' | 'not-checked'
  /** One of DOCTOR_CODES, or a failure code of the protocol. */
  readonly code: string
  /** Something to show beside the code: a reader's model, a provider's name. Never personal. */
  readonly about?: string
}

export function ok(step: DoctorStep, about?: string): Finding {
  return { step, outcome: 'ok', code: 'OK', ...(about === undefined ? {} : { about }) }
}

export function failed(step: DoctorStep, code: string, about?: string): Finding {
  return { step, outcome: 'failed', code, ...(about === undefined ? {} : { about }) }
}

/** @param code why not, when it is nothing amiss: a telephone shows its certificate only after the PIN */
export function notChecked(step: DoctorStep, code: 'NOT_CHECKED' | 'NEEDS_PIN' = 'NOT_CHECKED'): Finding {
  return { step, outcome: 'not-checked', code }
}
