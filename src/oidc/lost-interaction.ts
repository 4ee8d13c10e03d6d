import type { IncomingMessage, ServerResponse } from 'node:http'
import { errors, type default as Provider } from 'oidc-provider'

/**
 * Why a browser has not the interaction whose page it opened: it ended or expired (`over`); it stands, and this browser does not hold its
 * cookie (`cookie-missing`), or holds one that none of our keys signed (`cookie-unreadable`).
 */
export type LostInteraction = 'over' | 'cookie-missing' | 'cookie-unreadable'

/** @param interactionId from the address: random, so that asking for one tells nobody anything */
export async function whyLost(
  provider: Provider,
  req: IncomingMessage,
  res: ServerResponse,
  interactionId: string,
): Promise<LostInteraction> {
  const fault = await provider.interactionDetails(req, res).then(
    ({ uid }) => (uid === interactionId ? 'over' : 'cookie-missing'),
    (error: unknown) => error,
  )
  const hasCookieOfAnother = fault === 'cookie-missing'
  // the library's own words for a cookie that is absent, or whose signature is not ours
  const hasNoCookie =
    fault instanceof errors.SessionNotFound && fault.error_description === 'interaction session id cookie not found'
  if (!hasNoCookie && !hasCookieOfAnother) return 'over'
  if ((await provider.Interaction.find(interactionId)) === undefined) return 'over'
  const name = provider.cookieName('interaction')
  const sent = (req.headers.cookie ?? '').split('; ').find((pair) => pair.startsWith(`${name}=`))
  return sent === `${name}=${interactionId}` ? 'cookie-unreadable' : 'cookie-missing'
}
