import type { AgentFailureCode } from '@sekisho/protocol'
import { CardFailure } from '../card-failure.ts'

/** `connect`: the card may just not be there yet. `session`: it was there a moment ago. */
export type PcscPhase = 'connect' | 'session'

/** pcsc-mini's names of the SCARD_* codes, and its own. */
const CODES: Readonly<Record<string, AgentFailureCode | Readonly<Record<PcscPhase, AgentFailureCode>>>> = {
  NoService: 'READER_SERVICE_UNAVAILABLE',
  ServiceStopped: 'READER_SERVICE_UNAVAILABLE',
  Shutdown: 'READER_SERVICE_UNAVAILABLE',
  SystemCancelled: 'READER_SERVICE_UNAVAILABLE',
  UnknownResMng: 'READER_SERVICE_UNAVAILABLE',
  // pcscd died or was started anew: it does not know our handle.
  InvalidHandle: 'READER_SERVICE_UNAVAILABLE',
  // The connection to pcscd broke, not the one to the card.
  CommError: 'READER_SERVICE_UNAVAILABLE',
  InternalError: 'READER_SERVICE_UNAVAILABLE',

  NoReadersAvailable: 'READER_NOT_FOUND',
  UnknownReader: 'READER_REMOVED',
  ReaderUnavailable: 'READER_REMOVED',
  CommDataLost: 'READER_REMOVED',

  SharingViolation: 'READER_BUSY',
  ServerTooBusy: 'READER_BUSY',
  NotReady: 'READER_BUSY',
  // Another program reset the card, in the short time before it was ours.
  ResetCard: 'READER_BUSY',
  CardIsBusy: 'READER_BUSY',
  TooManyCardConnections: 'READER_BUSY',
  TooManyConnectRequests: 'READER_BUSY',

  NoSmartCard: { connect: 'CARD_NOT_FOUND', session: 'CARD_REMOVED' },
  RemovedCard: { connect: 'CARD_NOT_FOUND', session: 'CARD_REMOVED' },
  UnpoweredCard: { connect: 'CARD_UNSUPPORTED', session: 'CARD_REMOVED' },
  UnresponsiveCard: { connect: 'CARD_UNSUPPORTED', session: 'CARD_REMOVED' },
  // What a transmission says whose card leaves under way.
  NotTransacted: 'CARD_REMOVED',
  NoCardConnection: 'CARD_REMOVED',

  UnsupportedCard: 'CARD_UNSUPPORTED',
  CardUnsupported: 'CARD_UNSUPPORTED',
  UnknownCard: 'CARD_UNSUPPORTED',
  ProtoMismatch: 'CARD_UNSUPPORTED',

  Timeout: 'CARD_TIMEOUT',
  InvalidParameter: 'CARD_PROTOCOL_ERROR',
  InvalidValue: 'CARD_PROTOCOL_ERROR',
  InsufficientBuffer: 'CARD_PROTOCOL_ERROR',
}

/** The `code` of what pcsc-mini threw. */
export function pcscCodeOf(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return code ?? 'Unknown'
}

/** What pcsc-mini threw, as a failure of the port. */
export function failByPcscCode(error: unknown, phase: PcscPhase): CardFailure {
  const code = pcscCodeOf(error)
  const failure = CODES[code] ?? 'AGENT_FAILED'
  return new CardFailure(typeof failure === 'string' ? failure : failure[phase], `PC/SC ${code}`)
}
