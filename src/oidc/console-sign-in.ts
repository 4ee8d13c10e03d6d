import type { RequestListener } from 'node:http'
import { createHash } from 'node:crypto'
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose'
import type { default as Provider } from 'oidc-provider'
import { z } from 'zod'
import { Refusal } from '../error-registry/refusal.ts'
import { ACR_PHRH } from '../sign-in/authentication-context.ts'
import { callInProcess } from './call-in-process.ts'
import { sectorOf } from './client-policy.ts'
import type { Subjects } from './subject-of.ts'
import { extraOf } from './token-extra.ts'

/** The console is a site like another one: a public client, whose codes are good with the verifier that only the console can make. */
export const CONSOLE_CLIENT_ID = 'sekisho-admin'

/** Whose card was tapped, and when. */
export interface ConsoleTap {
  readonly accountId: string
  readonly credentialId: string
  /** How often account and card had been signed out by then. */
  readonly signOuts: number
  /** Seconds. */
  readonly authTime: number
  /** `sid`: the session at the provider. */
  readonly providerSession: string | undefined
}

export interface ConsoleSignIn {
  /** Of an authorization request that takes a tap of now, and no certificate that was not checked. */
  address(request: ConsoleRequest & { readonly locale: 'ja' | 'en' }): string
  /**
   * Redeems the code and verifies the ID token.
   *
   * @throws Refusal ADMIN_SIGN_IN_FAILED
   */
  redeem(code: string, request: ConsoleRequest): Promise<ConsoleTap>
}

/** All three made of one secret of the browser. */
export interface ConsoleRequest {
  readonly redirectUri: string
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

const tokensSchema = z.object({ id_token: z.string(), access_token: z.string() })

export function createConsoleSignIn({
  provider,
  answer,
  issuer,
  subjects,
  now,
}: {
  readonly provider: Provider
  /** The OpenID endpoints of this process. */
  readonly answer: (...args: Parameters<RequestListener>) => unknown
  readonly issuer: string
  readonly subjects: Subjects
  readonly now: () => Date
}): ConsoleSignIn {
  return {
    address({ redirectUri, state, nonce, verifier, locale }) {
      const address = new URL('/auth', issuer)
      address.search = new URLSearchParams({
        client_id: CONSOLE_CLIENT_ID,
        response_type: 'code',
        scope: 'openid',
        redirect_uri: redirectUri,
        state,
        nonce,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        // whoever only sits at an open browser is not let in by it
        prompt: 'login',
        max_age: '0',
        acr_values: ACR_PHRH,
        claims: JSON.stringify({ id_token: { acr: { essential: true, value: ACR_PHRH } } }),
        ui_locales: locale,
      }).toString()
      return address.href
    },

    async redeem(code, { redirectUri, nonce, verifier }) {
      const redeemed = await callInProcess(answer, issuer, {
        method: 'POST',
        path: '/token',
        form: {
          grant_type: 'authorization_code',
          client_id: CONSOLE_CLIENT_ID,
          code,
          redirect_uri: redirectUri,
          code_verifier: verifier,
        },
      })
      if (redeemed.status >= 500) throw new Refusal('SERVER_STORAGE_UNAVAILABLE', 'the token endpoint failed')
      if (redeemed.status !== 200) throw failed('the token endpoint did not take the code')
      const tokens = tokensSchema.parse(JSON.parse(redeemed.text))

      const keys = await callInProcess(answer, issuer, { method: 'GET', path: '/jwks' })
      const { payload } = await jwtVerify(tokens.id_token, createLocalJWKSet(JSON.parse(keys.text) as JSONWebKeySet), {
        issuer,
        audience: CONSOLE_CLIENT_ID,
        algorithms: ['ES256'],
        requiredClaims: ['sub', 'nonce', 'acr', 'auth_time', 'iat', 'exp'],
        currentDate: now(),
      }).catch((fault: unknown) => {
        throw failed('the ID token is not good', fault)
      })
      const { sub, nonce: said, acr, auth_time: authTime, sid } = payload
      if (said !== nonce) throw failed('the ID token is of another request')
      if (acr !== ACR_PHRH || typeof authTime !== 'number') throw failed('the sign-in is too weak for the console')

      // whose it is stays in the access token, on our side; the ID token says the same, under the name for this client
      const token = await provider.AccessToken.find(tokens.access_token)
      const client = await provider.Client.find(CONSOLE_CLIENT_ID)
      const extra = token && extraOf(token)
      if (token === undefined || extra === undefined || client === undefined) throw failed('the token is gone already')
      await token.destroy()
      if ((await subjects.subjectFor(token.accountId, sectorOf(client))) !== sub) {
        throw failed('ID token and access token speak of different people')
      }
      return {
        accountId: token.accountId,
        credentialId: extra.credential_id,
        signOuts: extra.sign_outs ?? 0,
        authTime,
        providerSession: typeof sid === 'string' ? sid : undefined,
      }
    },
  }
}

function failed(detail: string, cause?: unknown): Refusal {
  return new Refusal('ADMIN_SIGN_IN_FAILED', detail, { cause })
}
