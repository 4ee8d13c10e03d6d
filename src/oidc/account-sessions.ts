import { createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { default as Provider } from 'oidc-provider'
import type { Authentications } from './authentications.ts'
import { currentSession } from './current-session.ts'
import type { Standing } from './find-account.ts'

/** Who is signed in at the provider itself, in this browser. */
export interface AccountSession {
  readonly accountId: string
  /** Of the last tap in it; it stands. */
  readonly credentialId: string
  /** When that was. */
  readonly signedInAt: Date
  /** The same that `AccountOverview` names a session by. */
  readonly reference: string
}

export interface AccountSessions {
  /** The session whose signed cookie this browser sent, while its account and card stand. */
  find(req: IncomingMessage, res: ServerResponse): Promise<AccountSession | undefined>
  /** Address of an authorization request of one of our own clients: it ends at its own callback with such a session. */
  signInAddress(options: {
    readonly locale: 'ja' | 'en'
    readonly freshTap: boolean
    /** A ticket that the person is to decide on (`/link`); without it they go to `/account`. */
    readonly linkTicketId?: string
  }): string
}

/** The provider is a site too: a public client of its own, whose codes nobody redeems. The session is all it wants. */
export const ACCOUNT_CLIENT_ID = 'sekisho-account'
export const ACCOUNT_CALLBACK_PATH = '/account/signed-in'
/** Another one: people read its name while they tap the card, and it must be true. */
export const LINK_CLIENT_ID = 'sekisho-link'
export const LINK_CALLBACK_PATH = '/link/signed-in'

/** Where people sign in to the provider itself. No site of anybody's. */
export function isOwnClient(clientId: string): boolean {
  return clientId === ACCOUNT_CLIENT_ID || clientId === LINK_CLIENT_ID
}

export function createAccountSessions({
  provider,
  issuer,
  authentications,
  standing,
}: {
  readonly provider: Provider
  readonly issuer: string
  readonly authentications: Pick<Authentications, 'find'>
  readonly standing: Standing
}): AccountSessions {
  return {
    find: async (req, res) => {
      const session = await currentSession(provider, req, res)
      const { accountId, loginTs, uid } = session
      if (typeof accountId !== 'string' || loginTs === undefined) return undefined
      // a session may outlive what it was based on: the card was taken out while its owner was signing in
      const tap = await authentications.find(uid, loginTs)
      if (tap === undefined || (await standing.signOutsOf(accountId, tap.credentialId)) !== tap.signOuts) {
        return undefined
      }
      return {
        accountId,
        credentialId: tap.credentialId,
        signedInAt: new Date(loginTs * 1000),
        reference: createHash('sha256').update(uid).digest('hex'),
      }
    },

    signInAddress: ({ locale, freshTap, linkTicketId }) => {
      const address = new URL('/auth', issuer)
      address.search = new URLSearchParams({
        client_id: linkTicketId === undefined ? ACCOUNT_CLIENT_ID : LINK_CLIENT_ID,
        response_type: 'code',
        scope: 'openid',
        redirect_uri: new URL(linkTicketId === undefined ? ACCOUNT_CALLBACK_PATH : LINK_CALLBACK_PATH, issuer).href,
        ...(linkTicketId === undefined ? {} : { state: linkTicketId }),
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
