import type { KoaContextWithOIDC } from 'oidc-provider'
import type { ConsentStore } from '../../relying-party/consent/consent-store.ts'
import { consentWithin, type Consent } from '../../relying-party/consent/consent.ts'
import { isFirstParty } from '../client-policy.ts'
import { requestedConsent } from './requested-consent.ts'

/** What of this request its person has agreed to, now or before. */
export type GrantedConsent = (ctx: KoaContextWithOIDC) => Promise<Consent>

/** Looked up once a request; never remembered beyond it, since a consent can be taken back at any moment. */
export function createGrantedConsent(consents: Pick<ConsentStore, 'find'>): GrantedConsent {
  const known = new WeakMap<KoaContextWithOIDC, Promise<Consent>>()
  const find = async (ctx: KoaContextWithOIDC): Promise<Consent> => {
    const { client, session } = ctx.oidc
    if (client === undefined || session?.accountId === undefined) throw new Error('a consent of nobody')
    const requested = requestedConsent(ctx)
    return isFirstParty(client)
      ? requested
      : consentWithin(requested, await consents.find(session.accountId, client.clientId))
  }
  return (ctx) => {
    const looked = known.get(ctx) ?? find(ctx)
    known.set(ctx, looked)
    return looked
  }
}
