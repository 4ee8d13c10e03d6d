import { AsyncLocalStorage } from 'node:async_hooks'

/** What is known of the request that is being answered; every log line of it says `requestId`. */
export interface RequestContext {
  readonly requestId: string
  /** How it came here, for an operator who looks for lost cookies. Never decides anything. */
  readonly arrival: Arrival
  /** What the person was shown, once something was refused. */
  incidentId?: string
}

export interface Arrival {
  /** The proxy says that the browser came by http:, although the issuer is https:. */
  readonly saysHttp: boolean
  /** The host that was asked for, where it is not the issuer's. */
  readonly otherHost: string | undefined
}

// The one thing in this folder that lives as long as the process: an asynchronous call has a single "current request".
const current = new AsyncLocalStorage<RequestContext>()

/** Everything that `work` starts, also later, belongs to this request. */
export function runInRequest<Args extends unknown[]>(
  context: RequestContext,
  work: (...args: Args) => unknown,
  ...args: Args
): void {
  current.run(context, work, ...args)
}

/** undefined outside requests: at the start, in jobs. */
export function currentRequest(): RequestContext | undefined {
  return current.getStore()
}
