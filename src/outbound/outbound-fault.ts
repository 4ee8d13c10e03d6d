import type { UnavailableCause } from '../certificate/revocation/unavailable-cause.ts'

/** Why a request to somebody else gave nothing. */
export type OutboundFaultReason =
  /** Neither https, nor http to a host that is listed; or user information in the address. */
  | 'address-malformed'
  | 'host-not-allowed'
  /** The name resolves to loopback, link-local, private or otherwise special addresses (attack 15). */
  | 'network-not-allowed'
  | 'deadline-passed'
  | 'answer-too-large'
  | 'connection-failed'

/** Thrown by the outbound client. Holds a reason and the host, never a path, body or secret. */
export class OutboundFault extends Error {
  override readonly name = 'OutboundFault'
  readonly reason: OutboundFaultReason

  constructor(reason: OutboundFaultReason, host: string, options?: ErrorOptions) {
    super(`${reason}: ${host}`, options)
    this.reason = reason
  }
}

/** What a fault means for a question about revocation. */
export const CAUSE_OF_FAULT: Readonly<Record<OutboundFaultReason, UnavailableCause>> = {
  'address-malformed': 'source-not-allowed',
  'host-not-allowed': 'source-not-allowed',
  'network-not-allowed': 'source-not-allowed',
  'deadline-passed': 'source-timed-out',
  'answer-too-large': 'source-too-large',
  'connection-failed': 'source-unreachable',
}
