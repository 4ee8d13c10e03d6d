import { ExpressAuth, getSession, type ExpressAuthConfig } from '@auth/express'
import express, { type Express } from 'express'
import type { SiteSettings } from './site-settings.ts'

export function createSite({ issuer, clientId, clientSecret, baseUrl, cookieSecret }: SiteSettings): Express {
  const config: ExpressAuthConfig = {
    secret: cookieSecret,
    // with a proxy in front: app.set('trust proxy', …) as well
    trustHost: true,
    providers: [
      {
        id: 'sekisho',
        name: 'My Number Card',
        type: 'oidc',
        issuer,
        clientId,
        clientSecret,
        checks: ['pkce', 'state', 'nonce'],
        // left out, Auth.js asks for `profile email` as well
        authorization: { params: { scope: 'openid' } },
        profile: ({ sub }) => ({ id: String(sub) }),
      },
    ],
    callbacks: {
      // yours to decide: take a certificate that nobody could check?
      signIn: ({ profile }) => profile?.['acr'] === 'phrh',
      // `token.sub` is a new number at every sign-in, unless a database adapter keeps users: the person is `providerAccountId`
      jwt: ({ token, account }) => (account ? { sub: `${issuer} ${account.providerAccountId}` } : token),
      session: ({ session, token }) => ({ ...session, user: { ...session.user, id: token.sub ?? '' } }),
    },
  }

  const app = express()
  app.use('/auth', ExpressAuth(config))

  app.get('/', (_req, res) => {
    res.send('<a href="/auth/signin">Sign in</a> <a href="/auth/signout">Sign out</a>')
  })

  app.get('/me', async (req, res) => {
    const session = await getSession(req, { ...config, basePath: '/auth' })
    if (session === null) res.redirect(303, `${baseUrl}/auth/signin`)
    else res.json({ userId: session.user?.id })
  })

  return app
}
