import type { KoaContextWithOIDC } from 'oidc-provider'
import { z } from 'zod'
import type { RevocationVerdict } from '../certificate/judgement.ts'
import type { ArtifactStore } from './artifact-store.ts'
import { REFRESH_LIFE } from './token-lives.ts'

/** What tokens say of the revocation check behind them. `source` is a name of the configuration, never an address. */
const certStatusSchema = z.object({
  status: z.enum(['good', 'unknown', 'unavailable']),
  method: z.enum(['ocsp', 'crl', 'operator', 'none']),
  checked_at: z.int(),
  source: z.string(),
})
export type CertStatus = z.output<typeof certStatusSchema>

/** One tap of a card: with which credential, and what was known of its certificate then. */
const authenticationSchema = z.object({ credentialId: z.string(), certStatus: certStatusSchema })
export type Authentication = z.output<typeof authenticationSchema>

/** Under which name the result of an interaction carries it (`interactions.ts`). */
export const AUTHENTICATION_RESULT = 'sekisho_authentication'

export interface Authentications {
  /** After a card was tapped, before anything is granted. Does nothing in any other request. */
  remember(ctx: KoaContextWithOIDC): Promise<void>
  /** @param authTime seconds, as the session, the code and the refresh token have it */
  find(sessionUid: string | undefined, authTime: number | undefined): Promise<Authentication | undefined>
}

/**
 * Remembers each tap beside oidc-provider, whose own records have no room for it. A session can hold several taps one after the
 * other (step-up); a token speaks of the one it came from, so the tap's second is part of the key.
 */
export function createAuthentications(artifacts: Pick<ArtifactStore, 'upsert' | 'find'>): Authentications {
  return {
    async remember({ oidc }) {
      if (oidc.result?.login === undefined || oidc.session?.loginTs === undefined) return
      const authentication = authenticationSchema.parse(oidc.result[AUTHENTICATION_RESULT])
      const key = keyOf(oidc.session.uid, oidc.session.loginTs)
      await artifacts.upsert(MODEL, key, authentication, REFRESH_LIFE)
    },

    async find(sessionUid, authTime) {
      if (sessionUid === undefined || authTime === undefined) return undefined
      const { data } = authenticationSchema.safeParse(await artifacts.find(MODEL, keyOf(sessionUid, authTime)))
      return data
    },
  }
}

const MODEL = 'Authentication'
const keyOf = (sessionUid: string, authTime: number): string => `${sessionUid} ${authTime}`

/** @param revocation of a certificate that signed in, so never `revoked` */
export function certStatusOf({ status, method, checkedAt, source }: RevocationVerdict): CertStatus {
  return certStatusSchema.parse({ status, method, checked_at: Math.floor(checkedAt.getTime() / 1000), source })
}
