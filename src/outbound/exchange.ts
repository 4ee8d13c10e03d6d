import type { Dispatcher } from 'undici'
import { collectOctets } from './collect-octets.ts'
import { OutboundFault } from './outbound-fault.ts'

export interface OutboundAnswer {
  /** As it came: redirects are answers like any other, and are never followed. */
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Uint8Array<ArrayBuffer>
}

export interface ExchangeLimits {
  /** From now to the last octet. */
  readonly deadlineMs: number
  readonly maxBytes: number
  /** For what is said of a fault. */
  readonly host: string
}

/**
 * One request and its whole answer. Straight from the dispatcher: undici's `request` makes a stream of every body, and a signal of every
 * deadline, which cost more than the answer itself when that is a few hundred octets (docs/adr/0025).
 *
 * @throws OutboundFault `deadline-passed`, `answer-too-large`, or whatever the dispatcher says
 */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  { deadlineMs, maxBytes, host }: ExchangeLimits,
): Promise<OutboundAnswer> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined
    let fault: OutboundFault | undefined
    let answer: Pick<OutboundAnswer, 'status' | 'headers'> | undefined
    let body = collectOctets(maxBytes)
    const giveUp = (reason: 'deadline-passed' | 'answer-too-large'): void => {
      fault = new OutboundFault(reason, host)
      clearTimeout(timer)
      reject(fault)
      // one that still waits for a connection has none yet: it ends where it gets it
      controller?.abort(fault)
    }
    const timer = setTimeout(giveUp, deadlineMs, 'deadline-passed').unref()

    dispatcher.dispatch(request, {
      onRequestStart(started) {
        controller = started
        if (fault !== undefined) started.abort(fault)
      },
      // again for each 1xx, and when a connection that was kept turned out to be closed
      onResponseStart(_controller, status, headers) {
        answer = { status, headers }
        body = collectOctets(maxBytes)
      },
      onResponseData(_controller, chunk) {
        if (fault === undefined && !body.add(chunk)) giveUp('answer-too-large')
      },
      onResponseEnd() {
        clearTimeout(timer)
        if (answer === undefined) reject(new OutboundFault('connection-failed', host))
        else resolve({ ...answer, body: body.octets() })
      },
      onResponseError(_controller, error) {
        clearTimeout(timer)
        reject(error)
      },
    })
  })
}
