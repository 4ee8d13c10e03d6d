import { createHash } from 'node:crypto'
import { CALLBACK, SECRET } from './conformance-system.ts'

/** An answer of an endpoint, whatever it was. */
export interface RawAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: Record<string, unknown>
}

export const VERIFIER = 'v'.repeat(43)
export const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')

/** An authorization request without a fault; a change of `undefined` leaves a parameter out. */
export function authorizationUrl(issuer: string, changes: Readonly<Record<string, string | undefined>> = {}): string {
  const parameters = withoutUndefined({
    client_id: 'site',
    response_type: 'code',
    scope: 'openid',
    redirect_uri: CALLBACK,
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    state: 'the state',
    ...changes,
  })
  return `${issuer}/auth?${new URLSearchParams(parameters).toString()}`
}

export function withoutUndefined(parameters: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

export function basic(clientId: string, secret = SECRET): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` }
}

export async function post(
  address: string,
  parameters: Readonly<Record<string, string>> | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawAnswer> {
  const body = typeof parameters === 'string' ? parameters : new URLSearchParams(parameters).toString()
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body,
  })
  return answerOf(response)
}

export async function get(address: string, headers: Readonly<Record<string, string>> = {}): Promise<RawAnswer> {
  return answerOf(await fetch(address, { headers, redirect: 'manual' }))
}

async function answerOf(response: Response): Promise<RawAnswer> {
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') === true && text.startsWith('{')
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
  }
}

/** What an authorization response says, as a redirect carries it; an error of a response type that does not exist here comes in a fragment. */
export function responseIn(address: URL | string | null): Record<string, string> {
  if (address === null) return {}
  const { searchParams, hash } = new URL(address)
  return Object.fromEntries(hash === '' ? searchParams : new URLSearchParams(hash.slice(1)))
}
