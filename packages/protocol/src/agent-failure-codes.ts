/**
 * Why an agent may end a ceremony without a signature. Part of the wire format: a code is never renamed, only added.
 * Each stands in the provider's error registry with its message.
 */
export const AGENT_FAILURE_CODES = [
  /** The person pressed "cancel" or "stop". */
  'AGENT_CANCELLED',
  /** The ticket ran out while the page was open. */
  'AGENT_TIMED_OUT',
  /** A fault of the agent itself. */
  'AGENT_FAILED',
  /** No PC/SC service, or it died. */
  'READER_SERVICE_UNAVAILABLE',
  'READER_NOT_FOUND',
  /** Unplugged during the ceremony. */
  'READER_REMOVED',
  /** Another program holds the card. */
  'READER_BUSY',
  'CARD_NOT_FOUND',
  /** Pulled out during the ceremony. */
  'CARD_REMOVED',
  /** No JPKI application: some other card. */
  'CARD_UNSUPPORTED',
  /** JPKI application without a user-authentication certificate. */
  'CARD_NO_CERTIFICATE',
  /** The card answered in a way no My Number Card does. */
  'CARD_PROTOCOL_ERROR',
  'CARD_TIMEOUT',
  'PIN_BLOCKED',
] as const

export type AgentFailureCode = (typeof AGENT_FAILURE_CODES)[number]
