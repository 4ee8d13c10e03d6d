import type { HttpAnswer } from './http-answer.ts'

const SLOW_MS = 30_000
const DRIP_INTERVAL_MS = 200

/**
 * What can go wrong between a good answer and its reader; common to OCSP and CRL.
 *
 * @param oversizedOctets far above any cap that a reader may set for this kind of answer
 */
export const TRANSPORT_FAULTS = {
  truncated: (good) => ({ ...good, body: good.body.subarray(0, Math.floor(good.body.length / 2)) }),
  'trailing-octets': (good) => ({ ...good, body: Buffer.concat([good.body, Buffer.from('0500', 'hex')]) }),
  garbage: (good) => ({ ...good, body: Buffer.from('<html>Please log in to this network</html>') }),
  'empty-body': (good) => ({ ...good, body: Buffer.alloc(0) }),
  // Without Content-Length, so that a reader has to count.
  oversized: (good, oversizedOctets) => ({
    ...good,
    body: Buffer.concat([good.body, Buffer.alloc(oversizedOctets)]),
    withoutLength: true,
  }),
  slow: (good) => ({ ...good, delayMs: SLOW_MS }),
  dripping: (good) => ({ ...good, dripIntervalMs: DRIP_INTERVAL_MS }),
  'http-500': (good) => ({
    ...good,
    status: 500,
    headers: { 'content-type': 'text/plain' },
    body: Buffer.from('internal server error'),
  }),
  'wrong-content-type': (good) => ({ ...good, headers: { ...good.headers, 'content-type': 'text/html' } }),
  // Where server-side request forgery begins: an answer that sends the asker to the cloud's metadata address.
  redirect: (good) => ({
    ...good,
    status: 302,
    headers: { location: 'http://169.254.169.254/latest/meta-data/' },
    body: Buffer.alloc(0),
  }),
} as const satisfies Record<string, (good: HttpAnswer, oversizedOctets: number) => HttpAnswer>

export type TransportFault = keyof typeof TRANSPORT_FAULTS

/** The answer as ordered; unchanged when the misbehaviour is not one of the transport. */
export function misbehaveInTransport(name: string | undefined, good: HttpAnswer, oversizedOctets: number): HttpAnswer {
  if (name === undefined || !Object.hasOwn(TRANSPORT_FAULTS, name)) return good
  return TRANSPORT_FAULTS[name as TransportFault](good, oversizedOctets)
}
