import type { Configuration, Grant } from 'oidc-provider'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A refresh token that nobody used for so long is dead. */
const REFRESH_IDLE = 30 * DAY
/** And a family of them ends here, however often it was rotated: then the card is tapped again. */
export const REFRESH_LIFE = 90 * DAY
/** The longest that a resource server may set for its access tokens (relying-party/resource-server.ts). */
const LONGEST_ACCESS = HOUR

/** Seconds. */
export function tokenLives(sessionSeconds: number): NonNullable<Configuration['ttl']> {
  return {
    AccessToken: (_ctx, token) => accessLife(token.resourceServer?.accessTokenTTL),
    ClientCredentials: (_ctx, token) => accessLife(token.resourceServer?.accessTokenTTL),
    // FAPI 2.0 Security Profile §5.3.2.1: at most 60 seconds; the same for everyone
    AuthorizationCode: MINUTE,
    IdToken: HOUR,
    Interaction: 30 * MINUTE,
    Session: sessionSeconds,
    RefreshToken: (_ctx, token) => refreshLife(token.totalLifetime()),
    Grant: (_ctx, grant) => grantLife(grant, sessionSeconds),
  }
}

/** @param wanted by the resource server it is meant for */
export function accessLife(wanted: number | undefined): number {
  return wanted ?? 10 * MINUTE
}

/** @param age seconds since the first of its family */
export function refreshLife(age: number): number {
  return Math.max(1, Math.min(REFRESH_IDLE, REFRESH_LIFE - age))
}

/** A grant outlives every token made of it, else they would end with it. */
export function grantLife(grant: Grant, sessionSeconds: number): number {
  return grant.getOIDCScope().split(' ').includes('offline_access') ? REFRESH_LIFE : sessionSeconds + LONGEST_ACCESS
}
