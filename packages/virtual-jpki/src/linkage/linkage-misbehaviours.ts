import type { HttpAnswer } from '../service/http-answer.ts'
import { misbehaveInTransport, TRANSPORT_FAULTS, type TransportFault } from '../service/transport-faults.ts'

/** The service says something else than it should. In process and over HTTP alike. */
export const SAID_WRONG = [
  // 503, as in an outage; in process `unavailable`
  'down',
  'unauthorized',
  'unknown-certificate',
  // `none`, although there is a predecessor: the most dangerous lie, it makes a second account of one person
  'denies-link',
  // somebody else's certificate, somebody else's person id
  'wrong-person',
  // the certificate that was asked about replaced itself
  'self-link',
  // always one more predecessor, each unknown to everybody
  'endless-chain',
  // a certificate under another CA's name
  'wrong-issuer',
  'stale',
  'from-the-future',
] as const

/** The answer is right, but its form is not to the contract of docs/linkage-operator.md. */
const JSON_CHANGES = {
  malformed: (message) => ({ ...message, result: 'perhaps' }),
  'unknown-member': (message) => ({ ...message, next: null }),
  'wrong-request-id': (message) => ({ ...message, request_id: 'the-answer-to-another-one' }),
} as const satisfies Record<string, (message: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>>

export type SaidWrong = (typeof SAID_WRONG)[number]
type JsonFault = keyof typeof JSON_CHANGES
/** `cut`: the connection ends before a single octet of answer. */
export type LinkageMisbehaviour = SaidWrong | JsonFault | TransportFault | 'cut'

/** Everything the linkage service can be ordered to be wrong in. */
export const LINKAGE_MISBEHAVIOURS: readonly LinkageMisbehaviour[] = [
  ...SAID_WRONG,
  ...(Object.keys(JSON_CHANGES) as JsonFault[]),
  'cut',
  ...(Object.keys(TRANSPORT_FAULTS) as TransportFault[]),
]

/** Far above any cap that a reader may set for three hundred octets of JSON. */
const OVERSIZED_OCTETS = 8 * 1024 * 1024

export function isSaidWrong(name: LinkageMisbehaviour | undefined): name is SaidWrong {
  return SAID_WRONG.some((said) => said === name)
}

/** The message as ordered; unchanged when the misbehaviour is not one of its form. */
export function misbehaveInJson(
  name: LinkageMisbehaviour | undefined,
  message: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (name === undefined || !Object.hasOwn(JSON_CHANGES, name)) return message
  return JSON_CHANGES[name as JsonFault](message)
}

/** The answer as ordered; unchanged when the misbehaviour is not one of the way there. */
export function misbehaveOnTheWay(name: LinkageMisbehaviour | undefined, good: HttpAnswer): HttpAnswer {
  return name === 'cut' ? { ...good, cut: true } : misbehaveInTransport(name, good, OVERSIZED_OCTETS)
}
