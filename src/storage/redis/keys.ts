import { hash } from 'node:crypto'

/**
 * Names of keys: `sekisho:{route}KIND:digest`. What belongs together shares a route, and so a slot: a grant with its codes and tokens, a
 * session with its ids. Everything else stands alone and is spread by its own digest. No id is in a key, only its SHA-256.
 */
const PREFIX = 'sekisho:'

/** In which slot an id's record is (src/oidc/route-ids.ts): three characters. */
export interface Routes {
  /** Of a grant, by its id, and of a session, by its uid. */
  ofGroup(groupId: string): string
  /** Written in the id of a code, a token or a session. */
  inId(id: string): string
}

export const grantKey = (route: string, grantDigest: string): string => `${PREFIX}{${route}}G:${grantDigest}`
export const sessionKey = (route: string, uidDigest: string): string => `${PREFIX}{${route}}S:${uidDigest}`
export const sessionIdKey = (route: string, idDigest: string): string => `${PREFIX}{${route}}I:${idDigest}`
export const memberKey = (route: string, model: string, idDigest: string): string =>
  `${PREFIX}{${route}}${model}:${idDigest}`
export const singleKey = (model: string, digest: string): string => `${PREFIX}${model}:${digest}`
/** How many tickets an interaction opened; it ends with the interaction. */
export const ticketsKey = (interactionId: string): string => singleKey('tickets', digestOf(interactionId))
/** Which sessions and grants an account has. */
export const accountKey = (accountId: string): string => `${PREFIX}account:${digestOf(accountId)}`

/** How many buckets remember the proofs that were used. */
export const REPLAY_BUCKETS = 16
/** Says since when a bucket's memory is whole. */
export const replayMarkerKey = (bucket: number): string => `${PREFIX}{p${bucket.toString(16)}}since`
export function replayKeys(id: string): { readonly marker: string; readonly key: string } {
  const digest = hash('sha256', id, 'buffer')
  const bucket = (digest[0] ?? 0) % REPLAY_BUCKETS
  return {
    marker: replayMarkerKey(bucket),
    key: `${PREFIX}{p${bucket.toString(16)}}${digest.toString('base64url')}`,
  }
}

/** 43 characters. */
export function digestOf(id: string): string {
  return hash('sha256', id, 'base64url')
}
