import type { Client, Configuration, default as Provider } from 'oidc-provider'
import { logoutFormOf } from './answer-with-own-pages.ts'
import { displayNameOf } from './client-policy.ts'
import { pageRequestOf } from './page-request.ts'
import type { ProviderPages } from './provider-pages.ts'

/** One site that must be told that somebody logged out. */
export interface LogoutNotice {
  readonly clientId: string
  readonly accountId: string
  /** `sid` of the site's ID tokens. */
  readonly sessionId: string | undefined
}

/** Port (storage/): messages that are written down now and sent until they arrive. */
export interface LogoutOutbox {
  put(notice: LogoutNotice): Promise<void>
}

type Features = NonNullable<Configuration['features']>

/** OpenID Connect RP-Initiated Logout and Back-Channel Logout. */
export function logoutFeatures(pages: ProviderPages): Pick<Features, 'rpInitiatedLogout' | 'backchannelLogout'> {
  return {
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx) => {
        ctx.body = pages.confirmLogout(pageRequestOf(ctx), logoutFormOf(ctx))
      },
      postLogoutSuccessSource: (ctx) => {
        const { client } = ctx.oidc
        ctx.body = pages.loggedOut(pageRequestOf(ctx), client && ((locale) => displayNameOf(client, locale)))
      },
    },
  }
}

/**
 * A log-out does not wait for the sites: each notice is written down first, and sent by `deliver`, again and again until the site
 * has it (attack 14). The log-out token is made at the moment it is sent, since it lives two minutes.
 *
 * @returns sends one notice; rejects when the site did not take it
 */
export function writeDownLogoutNotices(
  provider: Provider,
  outbox: LogoutOutbox,
): (notice: LogoutNotice) => Promise<void> {
  // the types leave this method out
  const prototype = provider.Client.prototype as unknown as {
    backchannelLogout(this: Client, accountId: string, sessionId: string | undefined): Promise<void>
  }
  // bound to the client each time it is called
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const send = prototype.backchannelLogout
  prototype.backchannelLogout = function (accountId, sessionId) {
    return outbox.put({ clientId: this.clientId, accountId, sessionId })
  }
  return async ({ clientId, accountId, sessionId }) => {
    const client = await provider.Client.find(clientId)
    // not registered for it any more: nobody is left to tell
    if (client?.backchannelLogoutUri === undefined) return
    // Back-Channel Logout §2.2: such a client takes no token without a sid, and no session of it is left that would have one
    if (client.backchannelLogoutSessionRequired === true && sessionId === undefined) return
    await send.call(client, accountId, sessionId)
  }
}
