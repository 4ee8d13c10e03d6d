import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Client, default as Provider } from 'oidc-provider'
import { retryAfterSeconds } from '../../error-registry/retry-after.ts'
import type { Refusal } from '../../error-registry/refusal.ts'
import { refusalIn } from '../answer-faults.ts'
import type { ArtifactStore } from '../artifact-store.ts'
import { answerBesideLibrary, createJsonAnswer, type Answer } from '../beside-library.ts'
import type { ExternalIdOf } from '../external-id.ts'
import type { KnownSubjects } from '../known-subjects.ts'
import type { RefreshSuccession } from '../refresh-succession.ts'
import { makeIdToken, makeTokens } from './issue-tokens.ts'
import {
  findPersonBehind,
  findPlainSource,
  isPlainClient,
  type PersonBehind,
  type PersonDependencies,
  type PlainSource,
  type PlainSourceDependencies,
} from './plain-source.ts'
import { isPlainTokenHead, readTokenRequest, type TokenRequest } from './read-token-request.ts'

export interface PlainGrantDependencies extends PlainSourceDependencies, PersonDependencies {
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

/** A request that is beyond doubt, before anything is used up. */
interface Plain {
  readonly request: TokenRequest
  readonly client: Client
  readonly source: PlainSource
  /** When it came. */
  readonly seconds: number
}

interface Answered {
  readonly status: number
  readonly body: object
}

/** What is said of a code whose person may not go on any more: it is used up by then, and that is not for another look at it. */
const NOBODY_BEHIND = { error: 'invalid_grant', error_description: 'grant request is invalid' } as const

/**
 * A code for tokens, and a refresh token for new ones, answered without oidc-provider where nothing is in doubt (docs/adr/0025). Until the
 * code or refresh token is used up everything else is put to the library as if nobody had looked. Single use is decided where it always is, by
 * one conditional step of the store: whoever loses it there is the library's to answer, which then sees that it was used and ends what came of
 * it. test/conformance/token-parity.test.ts holds both ways against each other.
 */
export function answerPlainGrants(deps: PlainGrantDependencies, provider: Provider, library: Answer): Answer {
  const { artifacts, succession, now } = deps
  const send = createJsonAnswer(deps.issuer, 'DPoP-Nonce,WWW-Authenticate')

  const look = async (req: IncomingMessage, body: Buffer): Promise<Plain | undefined> => {
    const request = readTokenRequest(req, body)
    const client = request && (await provider.Client.find(request.clientId))
    if (request === undefined || client === undefined || !isPlainClient(client, request)) return undefined
    if (!(await client.compareClientSecret(request.secret))) return undefined
    const seconds = Math.floor(now().getTime() / 1000)
    const source = await findPlainSource(deps, client, request, seconds)
    return source && { request, client, source, seconds }
  }

  const issue = async (
    { request, client, source, seconds }: Plain,
    person: PersonBehind,
    successor?: string,
  ): Promise<Answered> => {
    const made = makeTokens(source, person, client, request, successor, seconds)
    const [idToken] = await Promise.all([
      makeIdToken({ ...deps, provider }, source, person, client),
      artifacts.writeTogether(made.writes),
    ])
    const body = {
      access_token: made.accessToken,
      expires_in: made.accessSeconds,
      id_token: idToken,
      refresh_token: made.refreshToken,
      scope: source.accessScope,
      token_type: 'Bearer',
    }
    return { status: 200, body }
  }

  /** As the library does, a code is used up before it counts who is behind it. */
  const redeemCode = async (plain: Plain): Promise<Answered | undefined> => {
    const found = findPersonBehind(deps, plain.client, plain.source)
    // a fault is for whoever used the code up: of another, its tokens have to end
    found.catch(() => undefined)
    if (!(await artifacts.consume('AuthorizationCode', plain.request.value))) return undefined
    const person = await found
    return person === undefined ? { status: 400, body: NOBODY_BEHIND } : issue(plain, person)
  }

  const renew = async (plain: Plain): Promise<Answered | undefined> => {
    const { value } = plain.request
    // nothing is used up yet: a fault is still the library's to meet again
    const person = await findPersonBehind(deps, plain.client, plain.source).catch(() => undefined)
    const successor = person && (await succession.claim(value).catch(() => undefined))
    if (person === undefined || successor === undefined) return undefined
    return (await artifacts.consume('RefreshToken', value)) ? issue(plain, person, successor) : undefined
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

  return answerBesideLibrary(
    isPlainTokenHead,
    async (req, body, res) => {
      // a fault is the library's to meet again, and to tell
      const plain = await look(req, body).catch(() => undefined)
      if (plain === undefined) return false
      try {
        const redeem = plain.request.grantType === 'refresh_token' ? renew : redeemCode
        const answered = await redeem(plain)
        if (answered === undefined) return false
        send(res, answered.status, answered.body)
      } catch (fault) {
        // nobody knows whether it was used up: to try again would look like a thief
        refuse(res, fault)
      }
      return true
    },
    library,
  )
}
