import express, { type Express } from 'express'
import { auth, requiresAuth } from 'express-openid-connect'
import { MemoryStore } from 'express-session'
import type { SiteSettings } from './site-settings.ts'

export function createSite({ issuer, clientId, clientSecret, baseUrl, cookieSecret }: SiteSettings): Express {
  const app = express()
  app.use(
    auth({
      issuerBaseURL: issuer,
      baseURL: baseUrl,
      clientID: clientId,
      clientSecret,
      secret: cookieSecret,
      authRequired: false,
      // the library's own defaults are the implicit flow, e-mail addresses and RS256: none of them is here
      authorizationParams: { response_type: 'code', scope: 'openid' },
      idTokenSigningAlg: 'ES256',
      // signing out here signs out there; and the other way round, which needs sessions that a server keeps (Redis, not this)
      idpLogout: true,
      routes: { postLogoutRedirect: '/' },
      session: { store: new MemoryStore() as never },
      backchannelLogout: true,
    }),
  )

  app.get('/', (req, res) => {
    res.send(req.oidc.isAuthenticated() ? '<a href="/logout">Sign out</a>' : '<a href="/login">Sign in</a>')
  })

  app.get('/me', requiresAuth(), (req, res) => {
    const claims = req.oidc.idTokenClaims
    // yours to decide: take a certificate that nobody could check?
    if (claims?.['acr'] !== 'phrh') res.sendStatus(403)
    else res.json({ userId: `${claims.iss} ${claims.sub}` })
  })

  return app
}
