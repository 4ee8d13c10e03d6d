import type { IncomingMessage } from 'node:http'
import { parse } from 'node:querystring'
import { isPlainHead, readCredentials } from '../introspection/read-plain-request.ts'
import { REFRESH_TOKEN_PREFIX } from '../refresh-succession.ts'

/** A site that shows its secret, and what it has to show for tokens. */
export type TokenRequest = { readonly clientId: string; readonly secret: string } & (
  | {
      readonly grantType: 'authorization_code'
      /** A code. */
      readonly value: string
      readonly redirectUri: string
      readonly verifier: string
    }
  | {
      readonly grantType: 'refresh_token'
      /** A refresh token. */
      readonly value: string
    }
)

const CODE = /^[\w-]{40,100}$/
const REFRESH_TOKEN = new RegExp(`^${REFRESH_TOKEN_PREFIX}[\\w-]{40,100}$`)
/** RFC 7636 §4.1. */
const VERIFIER = /^[\w.~-]{43,128}$/

/** By its head alone; a proof of a key (RFC 9449) is the library's to judge. */
export function isPlainTokenHead(req: IncomingMessage): boolean {
  return isPlainHead(req, '/token') && req.headers['dpop'] === undefined
}

/** @returns undefined for what the library has to judge */
export function readTokenRequest({ headers }: IncomingMessage, body: Buffer): TokenRequest | undefined {
  const credentials = readCredentials(headers.authorization)
  if (credentials === undefined) return undefined
  const { grant_type: grantType, ...rest } = parse(body.toString('utf8'))
  if (grantType === 'refresh_token') {
    const { refresh_token: value, ...others } = rest
    if (typeof value !== 'string' || !REFRESH_TOKEN.test(value) || Object.keys(others).length > 0) return undefined
    return { ...credentials, grantType, value }
  }
  const { code: value, redirect_uri: redirectUri, code_verifier: verifier, ...others } = rest
  if (grantType !== 'authorization_code' || Object.keys(others).length > 0) return undefined
  if (typeof value !== 'string' || !CODE.test(value) || typeof redirectUri !== 'string') return undefined
  if (typeof verifier !== 'string' || !VERIFIER.test(verifier)) return undefined
  return { ...credentials, grantType, value, redirectUri, verifier }
}
