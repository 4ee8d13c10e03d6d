import { API_CLIENT, basic, SITE } from '../scene.ts'
import { form, UnexpectedAnswer, type Connection } from './http-connection.ts'

/** What the API learns of an active token. */
export type Introspection = Readonly<Record<string, unknown>>

/** @throws UnexpectedAnswer when the token is not active */
export async function introspect(connection: Connection, secret: string, token: string): Promise<Introspection> {
  const { headers, body } = form({ token })
  const authorization = basic(API_CLIENT, secret)
  const answer = await connection.ask({
    method: 'POST',
    path: '/token/introspection',
    headers: { ...headers, authorization },
    body,
    expect: 200,
  })
  const introspection = JSON.parse(answer.text) as Introspection
  if (introspection['active'] !== true) throw new UnexpectedAnswer('a live token is said not to be active')
  return introspection
}

/** @returns the next refresh token */
export async function refresh(connection: Connection, secret: string, token: string): Promise<string> {
  const { headers, body } = form({ grant_type: 'refresh_token', refresh_token: token })
  const authorization = basic(SITE, secret)
  const answer = await connection.ask({
    method: 'POST',
    path: '/token',
    headers: { ...headers, authorization },
    body,
    expect: 200,
  })
  const { refresh_token: next, id_token: idToken } = JSON.parse(answer.text) as Readonly<Record<string, unknown>>
  if (typeof next !== 'string' || next === token) throw new UnexpectedAnswer('the refresh token was not rotated')
  if (typeof idToken !== 'string') throw new UnexpectedAnswer('no ID token came with the refresh')
  return next
}
