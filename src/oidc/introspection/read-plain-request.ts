import type { IncomingMessage } from 'node:http'
import { parse } from 'node:querystring'

/** A resource server that shows its secret, and the token that it asks about. */
export interface PlainRequest {
  readonly clientId: string
  readonly secret: string
  readonly token: string
}

const MAX_BYTES = 4 * 1024
/** RFC 7617 §2, with its padding or without (RFC 4648 §4): anything else the library refuses. */
const BASIC = /^Basic ((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?)$/i
/** What needs no decoding. RFC 6749 §2.3.1: both halves are form-encoded before they are joined. */
const CREDENTIALS = /^([\w.~-]+):([\w.~-]+)$/
const FORM = /^application\/x-www-form-urlencoded(?:; ?charset=utf-8)?$/i
const OPAQUE = /^skat_[\w-]{40,100}$/
/** The body as nearly every resource server writes it: there is nothing to decode in it. */
const BODY = /^token=(skat_[\w-]{40,100})(?:&token_type_hint=(?:access|refresh)_token)?$/
const HINTS = [undefined, 'access_token', 'refresh_token']

/** The request as nearly every program sends it, by its head alone. Its body must be read before the library can be asked. */
export function isPlainHead({ method, url, headers }: IncomingMessage, path: string): boolean {
  const { accept = '*/*', origin, authorization = '', 'content-type': type = '', 'content-length': length } = headers
  return (
    url === path &&
    method === 'POST' &&
    origin === undefined &&
    (accept === '*/*' || accept === 'application/json') &&
    headers['oauth-client-attestation'] === undefined &&
    headers['oauth-client-attestation-pop'] === undefined &&
    headers['content-encoding'] === undefined &&
    headers['transfer-encoding'] === undefined &&
    Number(length) <= MAX_BYTES &&
    FORM.test(type) &&
    BASIC.test(authorization)
  )
}

/** @returns undefined for what the library has to judge */
export function readPlainRequest({ headers }: IncomingMessage, body: Buffer): PlainRequest | undefined {
  const credentials = readCredentials(headers.authorization)
  if (credentials === undefined) return undefined
  const text = body.toString('latin1')
  const plain = BODY.exec(text)?.[1]
  if (plain !== undefined) return { ...credentials, token: plain }
  const { token, token_type_hint: hint, ...others } = parse(body.toString('utf8'))
  if (Object.keys(others).length > 0) return undefined
  if (typeof token !== 'string' || !OPAQUE.test(token) || !HINTS.includes(hint as string | undefined)) return undefined
  return { ...credentials, token }
}

/** Who shows what, where neither needs decoding. */
export function readCredentials(
  authorization = '',
): { readonly clientId: string; readonly secret: string } | undefined {
  const encoded = BASIC.exec(authorization)?.[1] ?? ''
  const [, clientId, secret] = CREDENTIALS.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? []
  return clientId === undefined || secret === undefined ? undefined : { clientId, secret }
}
