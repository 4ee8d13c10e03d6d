import { Provider, type KoaContextWithOIDC } from 'oidc-provider'
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

/**
 * One tap of a card: with which credential, what was known of its certificate then, and how often its account was signed out by then. A browser
 * may take its time between the tap and going on. (A release before wrote no `signOuts`.)
 */
const tapSchema = z.object({
  credentialId: z.string(),
  certStatus: certStatusSchema,
  signOuts: z.int().optional(),
})
export type Tap = z.output<typeof tapSchema>

/** `signOuts`: how often its account was signed out by then; what was written before migration 0011 does not say. */
const authenticationSchema = tapSchema.extend({ signOuts: z.int().default(0) })
export type Authentication = z.output<typeof authenticationSchema>

/** Under which name the result of an interaction carries it (`interactions.ts`). */
export const AUTHENTICATION_RESULT = 'sekisho_authentication'

export interface Authentications {
  /**
   * Of the request that goes on after a card was tapped; undefined in any other. The answer to a consent repeats the tap before it, which is
   * on record by then: to record it anew would make it one of after a sign-out in between.
   */
  tapOf(ctx: KoaContextWithOIDC): Tap | undefined
  /** In such a request, before anything is granted. */
  remember(ctx: KoaContextWithOIDC, authentication: Authentication): Promise<void>
  /** @param authTime seconds, as the session, the code and the refresh token have it */
  find(sessionUid: string | undefined, authTime: number | undefined): Promise<Authentication | undefined>
}

/**
 * Remembers each tap beside oidc-provider, whose own records have no room for it. A session can hold several taps one after the
 * other (step-up); a token speaks of the one it came from, so the tap's second is part of the key. What a request has read or written it
 * does not read again.
 */
export function createAuthentications(artifacts: Pick<ArtifactStore, 'upsert' | 'find'>): Authentications {
  const read = new WeakMap<KoaContextWithOIDC, Map<string, Promise<Authentication | undefined>>>()
  const readIn = (ctx: KoaContextWithOIDC): Map<string, Promise<Authentication | undefined>> => {
    const known = read.get(ctx) ?? new Map<string, Promise<Authentication | undefined>>()
    read.set(ctx, known)
    return known
  }
  const lookUp = async (key: string): Promise<Authentication | undefined> =>
    authenticationSchema.safeParse(await artifacts.find(MODEL, key)).data

  return {
    tapOf: ({ oidc }) =>
      oidc.result?.login === undefined || oidc.result.consent !== undefined || oidc.session?.loginTs === undefined
        ? undefined
        : tapSchema.parse(oidc.result[AUTHENTICATION_RESULT]),

    async remember(ctx, authentication) {
      const { session } = ctx.oidc
      if (session?.loginTs === undefined) throw new Error('a tap without a session')
      const key = keyOf(session.uid, session.loginTs)
      await artifacts.upsert(MODEL, key, authentication, REFRESH_LIFE)
      readIn(ctx).set(key, Promise.resolve(authentication))
    },

    find(sessionUid, authTime) {
      if (sessionUid === undefined || authTime === undefined) return Promise.resolve(undefined)
      const key = keyOf(sessionUid, authTime)
      const { ctx } = Provider
      if (ctx === undefined) return lookUp(key)
      const known = readIn(ctx)
      const found = known.get(key) ?? lookUp(key)
      known.set(key, found)
      return found
    },
  }
}

const MODEL = 'Authentication'
const keyOf = (sessionUid: string, authTime: number): string => `${sessionUid} ${authTime}`

/** @param revocation of a certificate that signed in, so never `revoked` */
export function certStatusOf({ status, method, checkedAt, source }: RevocationVerdict): CertStatus {
  return certStatusSchema.parse({ status, method, checked_at: Math.floor(checkedAt.getTime() / 1000), source })
}
