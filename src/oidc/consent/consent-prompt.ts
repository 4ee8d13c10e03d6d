import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'
import { z } from 'zod'
import {
  consentBeyond,
  isNoConsent,
  NO_CONSENT,
  scopesByResource,
  type Consent,
} from '../../relying-party/consent/consent.ts'
import { isFirstParty } from '../client-policy.ts'
import type { GrantedConsent } from './granted-consent.ts'
import { requestedConsent } from './requested-consent.ts'

const { Check, Prompt } = interactionPolicy

const consentSchema = z.object({
  scopes: z.array(z.string()),
  claims: z.array(z.string()),
  resourceScopes: z.array(z.string()),
})

/** What the page asks: it is written down with the interaction, so that what is agreed to is what was shown. */
const detailsSchema = z.object({ consent: z.object({ asked: consentSchema, before: consentSchema }) })

/** @param details of an interaction that waits for a consent; undefined for another one */
export function askedConsentOf(details: unknown): { readonly asked: Consent; readonly before: Consent } | undefined {
  return detailsSchema.safeParse(details).data?.consent
}

/**
 * When a person is asked what a site may get (docs/adr/0008): the first time, for what is new since then, and when the site wishes it
 * (`prompt=consent`). oidc-provider compares with the grant of the session; here what was written down counts, and nothing else.
 */
export function createConsentPrompt(granted: GrantedConsent): interactionPolicy.Prompt {
  const missing = async (ctx: KoaContextWithOIDC): Promise<Consent> =>
    consentBeyond(requestedConsent(ctx), await granted(ctx))

  return new Prompt(
    { name: 'consent', requestable: true },
    async (ctx) => {
      const before = await granted(ctx)
      const more = await missing(ctx)
      const asked = isNoConsent(more) ? requestedConsent(ctx) : more
      return { consent: { asked, before: isNoConsent(more) ? NO_CONSENT : before } }
    },
    new Check('consent_missing', 'the person has not agreed to this', 'consent_required', async (ctx) => {
      refuseUnnamedApi(ctx)
      return isNoConsent(await missing(ctx)) ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT
    }),
    new Check('native_client', 'native clients require End-User interaction', 'interaction_required', nobodyWasAsked),
  )
}

/**
 * A token without a scope is a token too: the API learns from it who the person is there. What is agreed to are scopes, so without one
 * the API would be on no page.
 */
function refuseUnnamedApi(ctx: KoaContextWithOIDC): void {
  const { client, resourceServers = {} } = ctx.oidc
  if (client === undefined || isFirstParty(client)) return
  const named = scopesByResource(requestedConsent(ctx))
  if (Object.keys(resourceServers).every((resource) => named.has(resource))) return
  throw new errors.InvalidScope(
    'a resource is named, and none of its scopes',
    [...ctx.oidc.requestParamScopes].join(' '),
  )
}

/**
 * RFC 8252 §8.6: any program on the device can take the address of a native application, so an answer never goes there without
 * somebody who wanted it. A tap of the card is somebody; a claimed `https:` address belongs to one application.
 */
function nobodyWasAsked({ oidc }: KoaContextWithOIDC): boolean {
  const { client, params, result } = oidc
  const redirectUri = params?.['redirect_uri']
  const isClaimed = typeof redirectUri === 'string' && redirectUri.startsWith('https:')
  return client?.applicationType === 'native' &&
    !isClaimed &&
    result?.login === undefined &&
    result?.consent === undefined
    ? Check.REQUEST_PROMPT
    : Check.NO_NEED_TO_PROMPT
}
