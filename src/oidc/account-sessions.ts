import { createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { default as Provider } from 'oidc-provider'
import { currentSession } from './current-session.ts'

/** Who is signed in at the provider itself, in this browser. */
export interface AccountSession {
  readonly accountId: string
  /** When the card was last tapped in it. */
  readonly signedInAt: Date
  /** The same that `AccountOverview` names a session by. */
  readonly reference: string
}

export interface AccountSessions {
  /** The session whose signed cookie this browser sent. */
  find(req: IncomingMessage, res: ServerResponse): Promise<AccountSession | undefined>
  /** Address of an authorization request of our own client: it ends at `/account/signed-in` with such a session. */
  signInAddress(options: { readonly locale: 'ja' | 'en'; readonly freshTap: boolean }): string
}

/** The provider is a site too: a public client of its own, whose codes nobody redeems. The session is all it wants. */
export const ACCOUNT_CLIENT_ID = 'sekisho-account'
export const ACCOUNT_CALLBACK_PATH = '/account/signed-in'

export function createAccountSessions({
  provider,
  issuer,
}: {
  readonly provider: Provider
  readonly issuer: string
}): AccountSessions {
  return {
    find: async (req, res) => {
      const session = await currentSession(provider, req, res)
      const { accountId, loginTs, uid } = session
      if (typeof accountId !== 'string' || loginTs === undefined) return undefined
      return {
        accountId,
        signedInAt: new Date(loginTs * 1000),
        reference: createHash('sha256').update(uid).digest('hex'),
      }
    },

    signInAddress: ({ locale, freshTap }) => {
      const address = new URL('/auth', issuer)
      address.search = new URLSearchParams({
        client_id: ACCOUNT_CLIENT_ID,
        response_type: 'code',
        scope: 'openid',
        redirect_uri: new URL(ACCOUNT_CALLBACK_PATH, issuer).href,
        // nobody knows a verifier for it
        code_challenge: randomBytes(32).toString('base64url'),
        code_challenge_method: 'S256',
        ui_locales: locale,
        ...(freshTap ? { prompt: 'login' } : {}),
      }).toString()
      return address.href
    },
  }
}
