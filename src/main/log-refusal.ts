import type { Refusal } from '../error-registry/refusal.ts'
import type { Log } from '../observability/log.ts'

/** What went wrong on our side is an error with its cause; what a person or a program did wrong is worth a line. */
export function logRefusal(log: Log, refusal: Refusal, incidentId: string): void {
  const { code, detail, entry } = refusal
  if (entry.status >= 500) log.error({ code, incidentId, err: refusal }, 'refused')
  else log.info({ code, incidentId, detail }, 'refused')
}
