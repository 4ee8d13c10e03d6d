import type { KoaContextWithOIDC } from 'oidc-provider'
import { pageRequestOf } from './page-request.ts'
import type { ProviderPages } from './provider-pages.ts'

/** Below the OpenID paths there are addresses that nobody answers, or not by this method: Koa would say so in plain text. */
export function answerUnknownPaths(pages: ProviderPages, newIncidentId: () => string) {
  return (ctx: KoaContextWithOIDC): void => {
    if (ctx.status !== 404 || (ctx.body !== undefined && ctx.body !== null)) return
    ctx.set('Cache-Control', 'no-store')
    // a person's browser says that it wants HTML; whoever does not say is a program
    if (ctx.accepts('json', 'html') === 'html') {
      const incidentId = newIncidentId()
      ctx.set('X-Incident-Id', incidentId)
      ctx.type = 'html'
      ctx.body = pages.refusal(pageRequestOf(ctx), { code: 'SERVER_PAGE_NOT_FOUND', incidentId })
    } else {
      ctx.body = { error: 'not_found', error_description: 'there is no such endpoint, or not for this method' }
    }
    // setting a body makes it 200
    ctx.status = 404
  }
}
