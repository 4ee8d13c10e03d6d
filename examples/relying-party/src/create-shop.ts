import express, { type Express } from 'express'
import * as oidc from 'openid-client'
import { claimsPage, failurePage, languageOf, STYLE, welcomePage } from './pages.ts'
import { createSessions } from './sessions.ts'

export interface ShopOptions {
  /** The Sekisho provider, `https://id.example.jp`. */
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Where this shop is reached, without a trailing slash. */
  readonly baseUrl: string
}

/**
 * A small shop with one way to sign in: authorization code flow with PKCE, by openid-client, which checks state, nonce,
 * `iss`, the ID token's signature and its times. All that a site adds is on this page.
 */
export function createShop({ issuer, clientId, clientSecret, baseUrl }: ShopOptions): Express {
  const redirectUri = `${baseUrl}/callback`
  const sessions = createSessions({ secure: baseUrl.startsWith('https:') })

  // Discovery once, at the first sign-in; a failed try is not remembered.
  let discovered: Promise<oidc.Configuration> | undefined
  const configuration = (): Promise<oidc.Configuration> => {
    discovered ??= oidc
      .discovery(new URL(issuer), clientId, undefined, oidc.ClientSecretBasic(clientSecret), {
        // http is for a provider on this very machine; the library marks the switch so that nobody takes it for more
        // eslint-disable-next-line @typescript-eslint/no-deprecated
        execute: issuer.startsWith('http://localhost') ? [oidc.allowInsecureRequests] : [],
      })
      .catch((fault: unknown) => {
        discovered = undefined
        throw fault
      })
    return discovered
  }

  const app = express()
  app.disable('x-powered-by')
  app.use((_req, res, next) => {
    res.set({
      'Content-Security-Policy': "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
    })
    next()
  })

  app.get('/style.css', (_req, res) => {
    res.type('css').send(STYLE)
  })

  app.get('/', (req, res) => {
    const language = languageOf(req.headers['accept-language'])
    const signedIn = sessions.find(req)?.signedIn
    res.send(signedIn === undefined ? welcomePage(language) : claimsPage(language, signedIn.claims))
  })

  app.get('/sign-in', async (req, res) => {
    const pending = {
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      codeVerifier: oidc.randomPKCECodeVerifier(),
    }
    const address = oidc.buildAuthorizationUrl(await configuration(), {
      redirect_uri: redirectUri,
      scope: 'openid',
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(pending.codeVerifier),
      code_challenge_method: 'S256',
      ui_locales: languageOf(req.headers['accept-language']),
      // without it, a person who is still signed in at the provider comes straight back
      ...(req.query['card'] === 'again' ? { prompt: 'login' } : {}),
    })
    sessions.start(res, { pending })
    res.redirect(303, address.href)
  })

  app.get('/callback', async (req, res) => {
    const pending = sessions.find(req)?.pending
    const language = languageOf(req.headers['accept-language'])
    sessions.end(req, res)
    if (pending === undefined) {
      res.status(400).send(failurePage(language, 'again', 'no_pending_sign_in'))
      return
    }
    try {
      const tokens = await oidc.authorizationCodeGrant(await configuration(), new URL(req.originalUrl, baseUrl), {
        pkceCodeVerifier: pending.codeVerifier,
        expectedState: pending.state,
        expectedNonce: pending.nonce,
        idTokenExpected: true,
      })
      const claims = tokens.claims()
      if (claims === undefined || tokens.id_token === undefined) throw new Error('no ID token')
      sessions.start(res, { signedIn: { claims: { ...claims }, idToken: tokens.id_token } })
      res.redirect(303, '/')
    } catch (fault) {
      const error = fault instanceof oidc.AuthorizationResponseError ? fault.error : 'invalid_response'
      const failure = error === 'access_denied' ? 'cancelled' : error === 'temporarily_unavailable' ? 'later' : 'again'
      res.status(error === 'temporarily_unavailable' ? 503 : 403).send(failurePage(language, failure, error))
    }
  })

  // A form of ours only: another site must not sign people out (SameSite=Lax keeps the cookie from its POST).
  app.post('/sign-out', async (req, res) => {
    const signedIn = sessions.find(req)?.signedIn
    sessions.end(req, res)
    if (signedIn === undefined) {
      res.redirect(303, '/')
      return
    }
    const address = oidc.buildEndSessionUrl(await configuration(), {
      id_token_hint: signedIn.idToken,
      post_logout_redirect_uri: `${baseUrl}/`,
    })
    res.redirect(303, address.href)
  })

  return app
}
