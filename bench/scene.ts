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

/** Where a browser is sent by the site. `offline`: ours gives a refresh token only to whoever asks for one. */
export function authorizationPath({ offline }: { readonly offline: boolean }): string {
  const query = new URLSearchParams({
    client_id: SITE,
    response_type: 'code',
    scope: offline ? `openid offline_access ${API_SCOPE}` : `openid ${API_SCOPE}`,
    redirect_uri: CALLBACK,
    resource: API,
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
