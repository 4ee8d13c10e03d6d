import { Router } from 'express'
import * as oidc from 'openid-client'
import { failurePage, type Failure } from './pages.ts'
import { pathOf, wishesFor } from './require-fresh-card.ts'
import type { Shop } from './shop.ts'
import { languageOf } from './words.ts'
import { userKey } from './users.ts'

/** Away with state, nonce and PKCE, back with a code: authorization code flow by openid-client, which checks all of it. */
export function createSignIn({ baseUrl, api, connect, sessions, users }: Shop): Router {
  const router = Router()
  const redirectUri = `${baseUrl}/callback`

  router.get('/sign-in', async (req, res) => {
    const signedIn = sessions.find(req)?.signedIn
    // only to a page of ours that is known to want it: never to whatever an address says
    const returnTo = pathOf(req.query['for'])
    const pending = {
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      codeVerifier: oidc.randomPKCECodeVerifier(),
      stepUp:
        signedIn === undefined || returnTo === undefined
          ? undefined
          : { since: Math.floor(Date.now() / 1000), user: signedIn.user, returnTo },
    }
    const address = oidc.buildAuthorizationUrl(await connect(), {
      redirect_uri: redirectUri,
      // with an API, the access token is for it (RFC 8707) and may read orders and pay them
      scope: api === undefined ? 'openid' : 'openid orders:read orders:pay',
      ...(api === undefined ? {} : { resource: api }),
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(pending.codeVerifier),
      code_challenge_method: 'S256',
      ui_locales: languageOf(req.headers['accept-language']),
      // without it, a person who is still signed in at the provider comes straight back
      ...(req.query['card'] === 'again' ? { prompt: 'login' } : {}),
      // step-up: perhaps a new tap of a card whose certificate was checked
      ...(pending.stepUp === undefined ? {} : wishesFor(pending.stepUp.returnTo, req.query)),
    })
    // the old session goes on until the answer is there: who changes their mind is still signed in
    sessions.end(req, res)
    sessions.start(res, { pending, ...(signedIn && { signedIn }) })
    res.redirect(303, address.href)
  })

  router.get('/callback', async (req, res) => {
    const { pending, signedIn: before } = sessions.find(req) ?? {}
    const language = languageOf(req.headers['accept-language'])
    sessions.end(req, res)
    if (pending === undefined) {
      res.status(400).send(failurePage(language, 'again', 'no_pending_sign_in'))
      return
    }
    try {
      const tokens = await oidc.authorizationCodeGrant(await connect(), new URL(req.originalUrl, baseUrl), {
        pkceCodeVerifier: pending.codeVerifier,
        expectedState: pending.state,
        expectedNonce: pending.nonce,
        idTokenExpected: true,
      })
      const claims = tokens.claims()
      if (claims === undefined || tokens.id_token === undefined) throw new Error('no ID token')
      const user = userKey(claims)
      users.welcome(user)
      const tappedAt = claims.auth_time ?? 0
      const stepUp = pending.stepUp?.user === user ? pending.stepUp : undefined
      // asked for is not given: the token itself must say that the card was used after the question, and by the same person
      const isConfirmed = stepUp !== undefined && tappedAt >= stepUp.since && claims['acr'] === 'phrh'
      const signedIn = { user, claims: { ...claims }, idToken: tokens.id_token, accessToken: tokens.access_token }
      sessions.start(res, { signedIn: isConfirmed ? { ...signedIn, confirmedAt: tappedAt } : signedIn })
      res.redirect(303, stepUp?.returnTo ?? '/')
    } catch (fault) {
      if (before !== undefined) sessions.start(res, { signedIn: before })
      const error = fault instanceof oidc.AuthorizationResponseError ? fault.error : 'invalid_response'
      res.status(error === 'temporarily_unavailable' ? 503 : 403).send(failurePage(language, failureOf(error), error))
    }
  })

  return router
}

function failureOf(error: string): Failure {
  if (error === 'access_denied') return 'cancelled'
  return error === 'temporarily_unavailable' ? 'later' : 'again'
}
