import express, { type Express, type RequestHandler } from 'express'
import session from 'express-session'
import * as oidc from 'openid-client'
import { Strategy } from 'openid-client/passport'
import passport from 'passport'
import type { SiteSettings } from './site-settings.ts'

/** @param options for development on this machine only */
export async function createSite(
  { issuer, clientId, clientSecret, baseUrl, cookieSecret }: SiteSettings,
  options?: oidc.DiscoveryRequestOptions,
): Promise<Express> {
  const authentication = oidc.ClientSecretBasic(clientSecret)
  const metadata = { id_token_signed_response_alg: 'ES256' }
  const config = await oidc.discovery(new URL(issuer), clientId, metadata, authentication, options)

  const card = new Strategy(
    { config, name: 'card', scope: 'openid', callbackURL: `${baseUrl}/callback` },
    (tokens, done) => {
      const claims = tokens.claims()
      // yours to decide: take a certificate that nobody could check?
      if (claims?.['acr'] !== 'phrh') done(null, false)
      else done(null, { userId: `${claims.iss} ${claims.sub}` })
    },
  )
  const authenticator = new passport.Passport().use(card)
  authenticator.serializeUser((user, done) => {
    done(null, user)
  })
  authenticator.deserializeUser((user: Express.User, done) => {
    done(null, user)
  })

  const app = express()
  const cookie = { httpOnly: true, sameSite: 'lax', secure: baseUrl.startsWith('https:') } as const
  // its own store forgets when the program ends: a real site gives it one that stays
  app.use(session({ secret: cookieSecret, resave: false, saveUninitialized: false, cookie }))
  app.use(authenticator.session())

  const back = { successRedirect: '/', failureRedirect: '/?failed' }
  app.get('/sign-in', authenticator.authenticate('card') as RequestHandler)
  app.get('/callback', authenticator.authenticate('card', back) as RequestHandler)
  app.post('/sign-out', (req, res, next) => {
    req.logout((fault: unknown) => {
      const address = oidc.buildEndSessionUrl(config, { post_logout_redirect_uri: `${baseUrl}/` })
      if (fault !== undefined) next(fault)
      else res.redirect(303, address.href)
    })
  })

  app.get('/', (req, res) => {
    const signOut = '<form method="post" action="/sign-out"><button>Sign out</button></form>'
    res.send(req.isAuthenticated() ? signOut : '<a href="/sign-in">Sign in</a>')
  })

  app.get('/me', (req, res) => {
    if (req.isAuthenticated()) res.json(req.user)
    else res.redirect(303, '/sign-in')
  })

  return app
}
