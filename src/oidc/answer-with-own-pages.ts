import type { KoaContextWithOIDC } from 'oidc-provider'
import { pageRequestOf } from './page-request.ts'
import type { ProviderPages } from './provider-pages.ts'

/** The log-out form as oidc-provider wants it back: both values come from its context, none is read out of its HTML. */
export function logoutFormOf(ctx: KoaContextWithOIDC): { readonly action: string; readonly xsrf: string } {
  const secret = (ctx.oidc.session?.['state'] as { secret?: unknown } | undefined)?.secret
  if (typeof secret !== 'string') throw new Error('a log-out page without its form secret')
  return { action: ctx.oidc.urlFor('end_session_confirm'), xsrf: secret }
}

/**
 * oidc-provider has one page that cannot be configured: a form which submits itself, when a log-out finds no session.
 * It leaves with our own page around the same form.
 */
export function answerWithOwnPages(pages: ProviderPages) {
  return (ctx: KoaContextWithOIDC): void => {
    const isSelfSubmitting =
      // the library sets `oidc` on its own routes only, whatever its types say
      ctx.status === 200 &&
      'oidc' in ctx &&
      ctx.oidc.route === 'end_session' &&
      ctx.oidc.session?.accountId === undefined
    if (!isSelfSubmitting || ctx.response.is('html') === false) return
    const { action, xsrf } = logoutFormOf(ctx)
    ctx.remove('Content-Security-Policy')
    ctx.body = pages.autoSubmit(pageRequestOf(ctx), {
      action,
      inputs: [
        ['xsrf', xsrf],
        ['logout', 'yes'],
      ],
    })
  }
}
