import { createHmac, timingSafeEqual } from 'node:crypto'

import type { KeyStore } from '../key/create-key-store.ts'
import { json, type HttpAnswer } from '../service/http-answer.ts'

export interface AccessTokens {
  /** RFC 6749 §4.4. Any secret is right: this guards nothing, it lets a client practise. */
  readonly answer: (form: string, authorization: string | undefined) => HttpAnswer
  /** The client a token was given to; `anyone` without a token; undefined when it is none of ours, or has ended. */
  readonly tenantOf: (authorization: string | undefined) => string | undefined
}

const LIFETIME_S = 300

/** Tokens that hold their own meaning, so that another process of the same seed knows them too. */
export function createAccessTokens(deps: { readonly keys: KeyStore; readonly now: () => Date }): AccessTokens {
  const seal = (text: string): Buffer =>
    createHmac('sha256', deps.keys.octets('access tokens', 32)).update(text).digest()
  const nowS = (): number => Math.floor(deps.now().getTime() / 1000)

  return {
    answer(form, authorization) {
      const parameters = new URLSearchParams(form)
      if (parameters.get('grant_type') !== 'client_credentials') return json({ error: 'unsupported_grant_type' }, 400)
      const client = clientOf(authorization) ?? parameters.get('client_id') ?? ''
      if (client === '') return json({ error: 'invalid_client' }, 401)
      const text = Buffer.from(JSON.stringify([client, nowS() + LIFETIME_S])).toString('base64url')
      const token = `${text}.${seal(text).toString('base64url')}`
      const granted = json({ access_token: token, token_type: 'Bearer', expires_in: LIFETIME_S })
      return { ...granted, headers: { ...granted.headers, 'cache-control': 'no-store' } }
    },
    tenantOf(authorization) {
      if (authorization === undefined) return 'anyone'
      const [, text = '', sealed = ''] = /^Bearer ([\w-]+)\.([\w-]+)$/i.exec(authorization) ?? []
      const given = Buffer.from(sealed, 'base64url')
      const right = seal(text)
      if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined
      const [client, untilS] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as [string, number]
      return nowS() < untilS ? client : undefined
    },
  }
}

/** HTTP Basic, both parts form-encoded (RFC 6749 §2.3.1). */
function clientOf(authorization: string | undefined): string | undefined {
  const [, encoded] = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '') ?? []
  if (encoded === undefined) return undefined
  const [client = ''] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  return new URLSearchParams(`client=${client}`).get('client') ?? undefined
}
