import { hash } from 'node:crypto'

/**
 * Three characters in front of the random part of an id say in which slot of a Redis Cluster its record is: with its grant, or with its
 * session, so that both are read, written and ended in one step (docs/adr/0005). They are a digest's first eighteen bits: who reads them
 * learns which of his own tokens are of one grant, and nothing of anybody else's. PostgreSQL does not look at them.
 */
const ROUTE_LENGTH = 3

/** An opaque token has a prefix of its kind before its route (prefix-tokens.ts). */
const TOKEN_PREFIX = /^sk[a-z]{2}_/

/** @param groupId of a grant, or the uid of a session */
export function routeOfGroup(groupId: string): string {
  return hash('sha256', groupId, 'base64url').slice(0, ROUTE_LENGTH)
}

/** @returns whatever stands where the route is: an id that nobody made here leads to a place where nothing is */
export function routeInId(id: string): string {
  return id.replace(TOKEN_PREFIX, '').slice(0, ROUTE_LENGTH)
}

/**
 * @param groupId of a grant, or the uid of a session
 * @param draw makes the random part
 * @returns an id of its group. One that by chance looks as if it had the prefix of a token (one in a million) is drawn again: its route would be read
 *   behind that
 */
export function idInGroup(groupId: string, draw: () => string): string {
  const route = routeOfGroup(groupId)
  let id = `${route}${draw()}`
  while (routeInId(id) !== route) id = `${route}${draw()}`
  return id
}
