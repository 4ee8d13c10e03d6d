import type { ResourceServer } from './resource-server.ts'

/** Where the API of the provider itself begins. */
export const OWN_API_PATH = '/api/v1'

/** What a program may be allowed to do there. `link`: link the site's own users to cards, see those links and end them. */
export const OWN_API_SCOPES = ['link'] as const
export type OwnApiScope = (typeof OWN_API_SCOPES)[number]

/** The name by which programs ask for tokens for it (RFC 8707 `resource`), and its address. */
export function ownApiResource(issuer: string): string {
  return `${issuer}${OWN_API_PATH}`
}

/** As if it were registered: nobody has to, and nobody else can be it. */
export function ownApi(issuer: string): ResourceServer {
  return {
    resource: ownApiResource(issuer),
    scopes: [...OWN_API_SCOPES],
    accessTokenFormat: 'opaque',
    accessTokenSeconds: 600,
    signingAlgorithm: 'ES256',
  }
}
