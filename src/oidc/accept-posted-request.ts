import type { KoaContextWithOIDC } from 'oidc-provider'

/**
 * Where a site may send a person by a form as well as by a link: OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2 (“MUST support
 * the use of the HTTP GET and POST methods”).
 */
const POSTABLE = new Set(['/auth', '/session/end'])

/** What then stands in an address, and has to fit beside cookies into the server's limit of 16 KiB. More is pushed (RFC 9126). */
export const MAX_POSTED_BYTES = 8 * 1024

export function isPostedRequest(ctx: KoaContextWithOIDC): boolean {
  return ctx.method === 'POST' && POSTABLE.has(ctx.path)
}

type RefusePost = (ctx: KoaContextWithOIDC, status: 400 | 413, description: string) => void

/**
 * Answers such a form with a redirect to the same request as a link. A form of another site comes without our cookies, which are
 * `SameSite=Lax`; the navigation that the redirect begins has them. oidc-provider's own way would need cookies that go along with
 * every form of everybody (`SameSite=None`), and with it the protection of all our other forms.
 *
 * What is asked for is judged where the link leads: a form can do nothing that a link cannot.
 */
export function redirectPostedRequests(refuse: RefusePost) {
  return async (ctx: KoaContextWithOIDC): Promise<void> => {
    if (typeof ctx.is('application/x-www-form-urlencoded') !== 'string') {
      refuse(ctx, 400, 'the body must be application/x-www-form-urlencoded')
      return
    }
    const body = await readBounded(ctx)
    if (body === undefined) {
      // the rest is not waited for
      ctx.set('Connection', 'close')
      refuse(ctx, 413, `the request is larger than ${MAX_POSTED_BYTES} octets: push it (RFC 9126)`)
      return
    }
    // as it came, a parameter that is there twice included: it is refused later on
    const query = new URLSearchParams(body).toString()
    ctx.status = 303
    ctx.set('Cache-Control', 'no-store')
    ctx.redirect(query === '' ? ctx.path : `${ctx.path}?${query}`)
  }
}

/** @returns undefined when there is more */
async function readBounded({ req }: KoaContextWithOIDC): Promise<string | undefined> {
  if (Number(req.headers['content-length'] ?? 0) > MAX_POSTED_BYTES) return undefined
  const chunks: Buffer[] = []
  let octets = 0
  // the answer goes out on the same connection
  for await (const chunk of req.iterator({ destroyOnReturn: false })) {
    octets += (chunk as Buffer).length
    if (octets > MAX_POSTED_BYTES) return undefined
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}
