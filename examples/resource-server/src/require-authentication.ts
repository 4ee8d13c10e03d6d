import type { ActiveToken } from './introspect.ts'

/** How a person must have signed in for something: with which class, and how long ago at most. */
export interface RequiredAuthentication {
  readonly acrValues: readonly string[]
  readonly maxAgeSeconds: number
}

/**
 * RFC 9470 §3: what to answer when a token is good, but its person tapped the card too long ago or in a weaker way. The client repeats
 * both parameters in an authorization request and comes back with a better token.
 *
 * @returns the value of `WWW-Authenticate`, or undefined when the token will do
 */
export function challengeFor(
  token: ActiveToken,
  { acrValues, maxAgeSeconds }: RequiredAuthentication,
  now: Date,
): string | undefined {
  const { acr, auth_time: authTime } = token
  const isOld = authTime === undefined || now.getTime() / 1000 - authTime > maxAgeSeconds
  const isWeak = acr === undefined || !acrValues.includes(acr)
  if (!isOld && !isWeak) return undefined
  const scheme = token.cnf?.jkt === undefined ? 'Bearer' : 'DPoP'
  return [
    `${scheme} error="insufficient_user_authentication"`,
    'error_description="tap your card again"',
    `acr_values="${acrValues.join(' ')}"`,
    `max_age="${maxAgeSeconds}"`,
  ].join(', ')
}
