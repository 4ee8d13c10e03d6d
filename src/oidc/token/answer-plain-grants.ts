import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Client, default as Provider } from 'oidc-provider'
import { retryAfterSeconds } from '../../error-registry/retry-after.ts'
import type { Refusal } from '../../error-registry/refusal.ts'
import { refusalIn } from '../answer-faults.ts'
import type { ArtifactStore } from '../artifact-store.ts'
import type { ExternalIdOf } from '../external-id.ts'
import { readWhole, replayRequest } from '../introspection/replay-request.ts'
import type { KnownSubjects } from '../known-subjects.ts'
import type { RefreshSuccession } from '../refresh-succession.ts'
import { makeIdToken, makeTokens } from './issue-tokens.ts'
import {
  findPlainSource,
  isPlainClient,
  MODELS,
  type PlainSource,
  type PlainSourceDependencies,
} from './plain-source.ts'
import { isPlainTokenHead, readTokenRequest, type TokenRequest } from './read-token-request.ts'

type Answer = (req: IncomingMessage, res: ServerResponse) => unknown

export interface PlainGrantDependencies extends PlainSourceDependencies {
  readonly issuer: string
  /** Each write at once: nothing of these requests is gathered (request-writes.ts). */
  readonly artifacts: Pick<ArtifactStore, 'findWithGrant' | 'findSession' | 'consume' | 'writeTogether'>
  readonly succession: Pick<RefreshSuccession, 'claim'>
  readonly knownSubjects: Pick<KnownSubjects, 'keep'>
  readonly externalIdOf: ExternalIdOf
  readonly now: () => Date
  readonly newIncidentId: () => string
  readonly onFault: (refusal: Refusal, incidentId: string) => void
}

/** Everything of a request that is beyond doubt, before anything is used up. */
interface Plain {
  readonly request: TokenRequest
  readonly client: Client
  readonly source: PlainSource
  /** When it came. */
  readonly seconds: number
  readonly successor: string | undefined
}

/**
 * A code for tokens, and a refresh token for new ones, answered without oidc-provider where nothing is in doubt (docs/adr/0025). Until the
 * code or refresh token is used up everything else is put to the library as if nobody had looked, with every refusal and fault. Single use
 * is decided where it always is, by one conditional step of the store: who loses it there is the library's to answer, who then sees that it
 * was used and ends what came of it. test/conformance/token-parity.test.ts holds both ways against each other.
 */
export function answerPlainGrants(deps: PlainGrantDependencies, provider: Provider, library: Answer): Answer {
  const { artifacts, succession, now } = deps
  const headers = {
    'Cache-Control': 'no-store',
    Vary: 'Origin',
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': 'DPoP-Nonce,WWW-Authenticate',
    'X-Content-Type-Options': 'nosniff',
    'Content-Type': 'application/json; charset=utf-8',
    ...(deps.issuer.startsWith('https:') ? { 'Strict-Transport-Security': 'max-age=63072000' } : {}),
  }

  const look = async (req: IncomingMessage, body: Buffer): Promise<Plain | undefined> => {
    const request = readTokenRequest(req, body)
    const client = request && (await provider.Client.find(request.clientId))
    if (request === undefined || client === undefined || !isPlainClient(client, request)) return undefined
    if (!(await client.compareClientSecret(request.secret))) return undefined
    const seconds = Math.floor(now().getTime() / 1000)
    const source = await findPlainSource(deps, client, request, seconds)
    if (source === undefined) return undefined
    const successor = request.grantType === 'refresh_token' ? await succession.claim(request.value) : undefined
    return { request, client, source, seconds, successor }
  }

  const issue = async ({ request, client, source, seconds, successor }: Plain): Promise<object> => {
    const made = makeTokens(source, client, request, successor, seconds)
    const [idToken] = await Promise.all([
      makeIdToken({ ...deps, provider }, source, client),
      artifacts.writeTogether(made.writes),
    ])
    return {
      access_token: made.accessToken,
      expires_in: made.accessSeconds,
      id_token: idToken,
      refresh_token: made.refreshToken,
      scope: source.accessScope,
      token_type: 'Bearer',
    }
  }

  const refuse = (res: ServerResponse, fault: unknown): void => {
    const refusal = refusalIn(fault)
    const incidentId = deps.newIncidentId()
    const wait = retryAfterSeconds(refusal)
    res.setHeader('X-Incident-Id', incidentId)
    if (wait !== undefined) res.setHeader('Retry-After', String(wait))
    send(res, refusal.entry.status, { error: refusal.entry.oauth, error_description: refusal.code })
    deps.onFault(refusal, incidentId)
  }
  const send = (res: ServerResponse, status: number, body: object): void => {
    const text = Buffer.from(JSON.stringify(body))
    res.writeHead(status, { ...headers, 'Content-Length': text.length })
    res.end(text)
  }

  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const body = await readWhole(req)
    // a fault is the library's to meet again, and to tell
    const plain = await look(req, body).catch(() => undefined)
    try {
      if (plain !== undefined && (await artifacts.consume(MODELS[plain.request.grantType], plain.request.value))) {
        send(res, 200, await issue(plain))
        return
      }
    } catch (fault) {
      // nobody knows whether it was used up: to try again would look like a thief
      refuse(res, fault)
      return
    }
    await library(replayRequest(req, body), res)
  }

  return (req, res) => {
    if (!isPlainTokenHead(req)) return library(req, res)
    // the client went away before its request was whole
    return answer(req, res).catch(() => res.destroy())
  }
}
