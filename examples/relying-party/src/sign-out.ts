import express, { Router } from 'express'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as oidc from 'openid-client'
import type { Shop } from './shop.ts'

const BACKCHANNEL_LOGOUT = 'http://schemas.openid.net/event/backchannel-logout'

/** Both directions: the person signs out here, or somewhere else and the provider tells us. */
export function createSignOut({ issuer, clientId, baseUrl, connect, sessions }: Shop): Router {
  const router = Router()

  /** RP-Initiated Logout. A form of ours only: another site must not sign people out. */
  router.post('/sign-out', async (req, res) => {
    const signedIn = sessions.find(req)?.signedIn
    sessions.end(req, res)
    if (signedIn === undefined) {
      res.redirect(303, '/')
      return
    }
    const address = oidc.buildEndSessionUrl(await connect(), {
      id_token_hint: signedIn.idToken,
      post_logout_redirect_uri: `${baseUrl}/`,
    })
    res.redirect(303, address.href)
  })

  let keys: ReturnType<typeof createRemoteJWKSet> | undefined
  const seen = new Set<string>()

  /** Back-Channel Logout §2.5–2.8: the provider says that a session is over. No cookie, no browser: only what the token proves. */
  const body = express.urlencoded({ extended: false, limit: '16kb' })
  router.post('/backchannel-logout', body, async (req, res) => {
    res.set('Cache-Control', 'no-store')
    try {
      keys ??= createRemoteJWKSet(new URL((await connect()).serverMetadata().jwks_uri ?? ''))
      const { payload } = await jwtVerify(String((req.body as { logout_token?: unknown }).logout_token), keys, {
        issuer,
        audience: clientId,
        typ: 'logout+jwt',
        requiredClaims: ['iat', 'exp', 'jti', 'events'],
      })
      const { sub, sid, jti = '', nonce } = payload
      const events = payload['events'] as Readonly<Record<string, unknown>> | null
      // an ID token must not pass for a log-out token: that is what `nonce` and `events` are looked at for
      if (nonce !== undefined || typeof events?.[BACKCHANNEL_LOGOUT] !== 'object') throw new Error('no log-out token')
      if (sid === undefined && sub === undefined) throw new Error('of nobody')
      if (seen.has(jti)) throw new Error('seen before')
      remember(seen, jti)
      sessions.signOutAll(({ claims }) => (sid === undefined ? claims['sub'] === sub : claims['sid'] === sid))
      res.status(200).end()
    } catch {
      res.status(400).json({ error: 'invalid_request' })
    }
  })

  return router
}

/** The newest thousand; a log-out token lives two minutes. */
function remember(seen: Set<string>, jti: string): void {
  const [oldest] = seen
  if (seen.size >= 1000 && oldest !== undefined) seen.delete(oldest)
  seen.add(jti)
}
