import { PROVIDER_FAILURE_CODES } from '../provider/provider-failure.ts'

/** Why a page of this program could not be given at all. Shown to the person; none of it is part of the wire format. */
export const AGENT_REFUSAL_CODES = [
  ...PROVIDER_FAILURE_CODES,
  /** The address is not one a provider makes. */
  'ADDRESS_INVALID',
  'PROVIDER_UNKNOWN',
  'TRUST_LIST_UNREADABLE',
  /** Another sign-in is open. */
  'CEREMONY_BUSY',
  /** Gone: ended, replaced, or the agent was started anew. */
  'CEREMONY_NOT_FOUND',
  /** Not from this program's own page: Host, Origin, token, or another user of the computer. */
  'REQUEST_FOREIGN',
  'PAGE_NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'BODY_INVALID',
  'UNEXPECTED',
] as const

export type AgentRefusalCode = (typeof AGENT_REFUSAL_CODES)[number]

export class AgentRefusal extends Error {
  override readonly name = 'AgentRefusal'
  readonly code: AgentRefusalCode
  /** For the log. */
  readonly detail: string | undefined

  constructor(code: AgentRefusalCode, detail?: string) {
    super(detail === undefined ? code : `${code}: ${detail}`)
    this.code = code
    this.detail = detail
  }
}
