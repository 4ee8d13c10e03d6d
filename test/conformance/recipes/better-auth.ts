import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { fromNodeHeaders, toNodeHandler } from 'better-auth/node'
import { genericOAuth } from 'better-auth/plugins'
import express, { type Express } from 'express'
import { decodeJwt } from 'jose'
import type { SiteSettings } from './site-settings.ts'

export function createSite({ issuer, clientId, clientSecret, baseUrl, cookieSecret }: SiteSettings): Express {
  const auth = betterAuth({
    baseURL: baseUrl,
    secret: cookieSecret,
    // a real site has a database here
    database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
    // no two people are one because of an e-mail address: these are not addresses
    account: { accountLinking: { enabled: false } },
    plugins: [
      genericOAuth({
        config: [
          {
            providerId: 'sekisho',
            discoveryUrl: `${issuer}/.well-known/openid-configuration`,
            requireIdTokenVerification: true,
            clientId,
            clientSecret,
            tokenEndpointAuth: { method: 'client_secret_basic' },
            scopes: ['openid'],
            pkce: true,
            // better-auth has verified the ID token by now. It cannot do without a name and an e-mail address: `.invalid` reaches nobody
            getUserInfo: async ({ idToken = '' }) => {
              const { sub, acr } = decodeJwt(idToken)
              // yours to decide: take a certificate that nobody could check?
              if (acr !== 'phrh') return null
              return { sub, name: '', email: `${sub}@card.invalid`, emailVerified: false }
            },
          },
        ],
      }),
    ],
  })

  const app = express()
  app.all('/api/auth/*path', toNodeHandler(auth))

  // in a page with better-auth's client: authClient.signIn.social({ provider: 'sekisho', callbackURL: '/' })
  app.get('/sign-in', async (_req, res) => {
    const body = { provider: 'sekisho', callbackURL: '/', errorCallbackURL: '/' }
    const { headers, response } = await auth.api.signInSocial({ body, returnHeaders: true })
    res.setHeaders(headers).redirect(303, response.url ?? '/')
  })

  app.post('/sign-out', async (req, res) => {
    const [body, headers] = [{ callbackURL: '/' }, fromNodeHeaders(req.headers)]
    const { headers: answer, response } = await auth.api.signOut({ body, headers, returnHeaders: true })
    res.setHeaders(answer).redirect(303, response.url ?? '/')
  })

  app.get('/', (_req, res) => {
    const signOut = '<form method="post" action="/sign-out"><button>Sign out</button></form>'
    res.send(`<a href="/sign-in">Sign in</a> ${signOut}`)
  })

  app.get('/me', async (req, res) => {
    const headers = fromNodeHeaders(req.headers)
    const session = await auth.api.getSession({ headers })
    if (session === null) {
      res.redirect(303, '/sign-in')
      return
    }
    const [account] = await auth.api.listUserAccounts({ headers })
    res.json({ userId: `${issuer} ${account?.accountId}` })
  })

  return app
}
