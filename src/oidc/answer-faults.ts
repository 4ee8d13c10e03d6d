import type { KoaContextWithOIDC } from 'oidc-provider'
import { Refusal } from '../error-registry/refusal.ts'
import { retryAfterSeconds } from '../error-registry/retry-after.ts'
import { pageRequestOf } from './page-request.ts'
import type { ProviderPages } from './provider-pages.ts'

/** Routes of the library that answer a person's browser, whatever it says it accepts. */
const PAGES = /^(?:authorization|resume|end_session)/

export interface FaultAnswers {
  /** The library met a fault that is none of the client's (its event `server_error`). */
  readonly remember: (ctx: KoaContextWithOIDC, fault: unknown) => void
  /** Of a request that met one. */
  readonly answer: (ctx: KoaContextWithOIDC) => void
}

/**
 * The library says 500 `server_error` of everything that is not an error of its own. A store that does not answer is something else: 503,
 * `temporarily_unavailable` and when to come again, to programs as JSON and to people as our page. Whatever had been prepared is
 * taken back: no address with a code, no token leaves with an answer that says no.
 */
export function createFaultAnswers({
  pages,
  newIncidentId,
  onFault,
}: {
  readonly pages: Pick<ProviderPages, 'refusal'>
  readonly newIncidentId: () => string
  /** @param incidentId the number that the answer has */
  readonly onFault: (refusal: Refusal, incidentId: string) => void
}): FaultAnswers {
  const faults = new WeakMap<KoaContextWithOIDC, unknown>()

  const answerWith = (ctx: KoaContextWithOIDC, fault: unknown): void => {
    const refusal = refusalIn(fault)
    const incidentId = newIncidentId()
    const { status, oauth } = refusal.entry
    const seconds = retryAfterSeconds(refusal)
    const isPage = ('oidc' in ctx && PAGES.test(ctx.oidc.route)) || ctx.accepts('json', 'html') === 'html'
    ctx.remove('Location')
    ctx.set('Cache-Control', 'no-store')
    ctx.set('X-Incident-Id', incidentId)
    if (seconds !== undefined) ctx.set('Retry-After', String(seconds))
    if (isPage) {
      ctx.body = pages.refusal(pageRequestOf(ctx), { code: refusal.code, incidentId })
      ctx.type = 'html'
    } else {
      ctx.body = { error: oauth, error_description: refusal.code }
      ctx.type = 'json'
    }
    // setting a body makes it 200
    ctx.status = status
    onFault(refusal, incidentId)
  }

  return {
    remember: (ctx, fault) => {
      faults.set(ctx, fault)
    },
    answer: (ctx) => {
      if (faults.has(ctx)) answerWith(ctx, faults.get(ctx))
    },
  }
}

/** A refusal of ours is what the library was given, or what it wrapped. */
export function refusalIn(fault: unknown): Refusal {
  for (let inner = fault; inner instanceof Error; inner = inner.cause) {
    if (inner instanceof Refusal) return inner
  }
  return new Refusal('SERVER_FAILED', fault instanceof Error ? fault.message : String(fault), { cause: fault })
}
