import { createOutboundClient } from '../../outbound/create-outbound-client.ts'
import { OutboundFault } from '../../outbound/outbound-fault.ts'
import { examineClock } from './examine-clock.ts'
import type { DoctorCode, Finding } from './finding.ts'

const DEADLINE_MS = 5_000
/** Of an answer that nobody reads. */
const MAX_BYTES = 1024 * 1024

export interface AskSourceOptions {
  readonly name: string
  readonly url: string
  readonly intranetHosts: readonly string[]
  readonly codes: { readonly ok: DoctorCode; readonly unreachable: DoctorCode }
  /** Client certificate and key, PEM, where the source asks for one. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
  readonly now: () => Date
}

/**
 * Whether somebody answers there, whatever they answer: a question about a card would need a card. The answer's Date is another clock.
 */
export async function askSource(options: AskSourceOptions): Promise<readonly Finding[]> {
  const { name, url, intranetHosts, codes, tls, now } = options
  const client = createOutboundClient({
    allowedHosts: [new URL(url).host],
    intranetHosts,
    deadlineMs: DEADLINE_MS,
    maxBytes: MAX_BYTES,
    ...(tls && { tls }),
  })
  try {
    const askedAt = now().getTime()
    const { headers } = await client.send({ method: 'GET', url })
    const theirs = Date.parse(String(headers['date']))
    const answered: Finding = { code: codes.ok, values: { name } }
    if (Number.isNaN(theirs)) return [answered]
    return [answered, examineClock(name, { theirs, askedAt, answeredAt: now().getTime(), precisionMs: 1000 })]
  } catch (fault) {
    const reason = fault instanceof OutboundFault ? fault.reason : 'unknown'
    // a list may be larger than what is read here: then somebody answered
    if (reason === 'answer-too-large') return [{ code: codes.ok, values: { name } }]
    return [{ code: codes.unreachable, values: { name, reason } }]
  } finally {
    await client.close()
  }
}
