import type { OutboundClient } from '../create-outbound-client.ts'
import { OutboundFault } from '../outbound-fault.ts'
import { parseTokenAnswer } from './operator-messages.ts'

export interface AccessTokenOptions {
  readonly client: OutboundClient
  readonly tokenUrl: string
  readonly clientId: string
  /** `client_secret_basic`; `undefined` for `tls_client_auth` (RFC 8705 §2.1): the client certificate is the credential. */
  readonly clientSecret: string | undefined
  readonly scope: string | undefined
  readonly now: () => Date
}

/** Access tokens by client credentials, one at a time, kept until shortly before they end. */
export interface AccessTokens {
  /** @throws OutboundFault when the token endpoint gives none */
  get(): Promise<string>
  /** The token was not accepted. @returns whether there was one to forget */
  forget(): boolean
}

/** A token that ends while the question is under way is of no use. */
const MARGIN_MS = 10_000

/** @see RFC 6749 §4.4 */
export function createAccessTokens(options: AccessTokenOptions): AccessTokens {
  const { now } = options
  let current: { readonly token: string; readonly untilMs: number } | undefined
  let underWay: Promise<string> | undefined

  const renew = async (): Promise<string> => {
    const askedAtMs = now().getTime()
    const { token, lifetimeMs } = await requestToken(options)
    current = { token, untilMs: askedAtMs + lifetimeMs - MARGIN_MS }
    return token
  }

  return {
    async get() {
      if (current !== undefined && now().getTime() < current.untilMs) return current.token
      underWay ??= renew().finally(() => {
        underWay = undefined
      })
      return underWay
    },
    forget() {
      const had = current !== undefined
      current = undefined
      return had
    },
  }
}

async function requestToken({ client, tokenUrl, clientId, clientSecret, scope }: AccessTokenOptions) {
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) })
  if (clientSecret === undefined) form.set('client_id', clientId)
  const { status, body } = await client.send({
    method: 'POST',
    url: tokenUrl,
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...(clientSecret === undefined ? {} : { authorization: basic(clientId, clientSecret) }),
    },
    body: form.toString(),
  })
  const answer = status === 200 ? parseTokenAnswer(body) : undefined
  if (answer === undefined) throw new OutboundFault('connection-failed', new URL(tokenUrl).host)
  return answer
}

/** RFC 6749 §2.3.1: both parts are form-encoded before they are joined. */
function basic(clientId: string, clientSecret: string): string {
  const encode = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1)
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64')}`
}
