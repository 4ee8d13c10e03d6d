import { createHash } from 'node:crypto'

/** The same clients, API and request for every contestant. */
export const SITE = 'site'
export const API_CLIENT = 'api'
export const API = 'https://api.example/'
export const API_SCOPE = 'read'
/** Of whoever has no secret of its own making. */
export const SECRET = 's'.repeat(43)
export const CALLBACK = 'https://site.example/callback'
export const ACCESS_TOKEN_SECONDS = 3600

export const VERIFIER = 'v'.repeat(43)
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')

/** What the site wants. */
export interface Wish {
  /** Ours gives a refresh token only to whoever asks for one; stock gives one anyway. */
  readonly offline: boolean
  /** An access token for userinfo instead of the API. */
  readonly forUserinfo?: boolean
}

/** Where a browser is sent by the site. */
export function authorizationPath({ offline, forUserinfo = false }: Wish): string {
  const query = new URLSearchParams({
    client_id: SITE,
    response_type: 'code',
    scope: ['openid', ...(offline ? ['offline_access'] : []), ...(forUserinfo ? [] : [API_SCOPE])].join(' '),
    redirect_uri: CALLBACK,
    ...(forUserinfo ? {} : { resource: API }),
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    state: 'state',
    nonce: 'nonce',
  })
  return `/auth?${query.toString()}`
}

export function basic(clientId: string, secret: string): string {
  return `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`
}
