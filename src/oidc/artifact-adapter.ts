import { errors, Provider, type Adapter, type AdapterFactory, type AdapterPayload } from 'oidc-provider'
import type { ArtifactStore } from './artifact-store.ts'
import type { Authentications } from './authentications.ts'
import { createGrantsOfRequest, type GrantsOfRequest } from './grants-of-request.ts'
import { proofTimeOf, refuseMadeInFuture } from './proof-time.ts'
import type { RefreshSuccession } from './refresh-succession.ts'

export interface ArtifactAdapterDependencies {
  readonly artifacts: ArtifactStore
  readonly succession: RefreshSuccession
  readonly authentications: Pick<Authentications, 'find'>
  /** Metadata of a registered site (relying-party/), as RFC 7591 §2 names it. */
  readonly findClient: (clientId: string) => Promise<AdapterPayload | undefined>
}

/** The `adapter` of oidc-provider's configuration: one adapter for each of its models. */
export function createArtifactAdapter(deps: ArtifactAdapterDependencies): AdapterFactory {
  const { artifacts, succession, authentications, findClient } = deps
  const grants = createGrantsOfRequest()
  return (model) => {
    if (model === 'Client') return createClientAdapter(findClient)
    if (model === 'RefreshToken') return new RefreshTokenAdapter({ artifacts, grants, authentications, succession })
    return new ArtifactAdapter(model, { artifacts, grants, authentications })
  }
}

interface Stores {
  readonly artifacts: ArtifactStore
  readonly grants: GrantsOfRequest
  readonly authentications: Pick<Authentications, 'find'>
}

/**
 * Brings the single use of codes, refresh tokens and pushed requests, which oidc-provider leaves to its adapter: it reads
 * `consumed` first and consumes later, and of two that read at the same time only this conditional step stops one.
 */
class ArtifactAdapter implements Adapter {
  readonly #model: string
  readonly #artifacts: ArtifactStore
  readonly #grants: GrantsOfRequest
  readonly #authentications: Pick<Authentications, 'find'>

  constructor(model: string, { artifacts, grants, authentications }: Stores) {
    this.#model = model
    this.#artifacts = artifacts
    this.#grants = grants
    this.#authentications = authentications
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    if (this.#model === 'ReplayDetection') return this.#detectReplay(id, payload, expiresIn)
    await this.#artifacts.upsert(this.#model, id, withoutSessionId(payload), expiresIn)
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const read = this.#model === 'Grant' ? this.#grants.take(id) : undefined
    if (read !== undefined) return read
    const [artifact, grant] = await this.#artifacts.findWithGrant(this.#model, id)
    if (artifact?.grantId !== undefined && grant !== undefined) {
      this.#grants.keep(artifact.grantId, { ...grant, jti: artifact.grantId })
    }
    // asked for soon: find-account.ts is told then, also of a fault
    if (this.#model === 'AuthorizationCode') {
      this.#authentications.find(artifact?.sessionUid, artifact?.authTime).catch(() => undefined)
    }
    return artifact
  }

  /** Only sessions have one. */
  findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#artifacts.findSession(uid)
  }

  /** RFC 8628 is not offered. */
  findByUserCode(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  /**
   * The winner of a race goes on and answers its client, but with tokens of a grant that is gone: whoever else held the
   * code may be the rightful one, and nobody can tell (RFC 6749 §4.1.2, §10.4).
   */
  async consume(id: string): Promise<void> {
    if (await this.#artifacts.consume(this.#model, id)) return
    if (this.#model === 'PushedAuthorizationRequest') {
      // RFC 9126 §4: a request_uri is used once; it has no grant yet
      throw new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used')
    }
    await this.#artifacts.revokeGrantOf(this.#model, id)
    throw new errors.InvalidGrant('already consumed')
  }

  destroy(id: string): Promise<void> {
    return this.#artifacts.destroy(this.#model, id)
  }

  revokeByGrantId(grantId: string): Promise<void> {
    return this.#artifacts.revokeByGrantId(grantId)
  }

  /** oidc-provider looks for the jti of a proof or an assertion first and writes it later: again only the write can decide. */
  async #detectReplay(id: string, payload: AdapterPayload, expiresIn = 0): Promise<void> {
    const madeAt = proofTimeOf(Provider.ctx, id)
    refuseMadeInFuture(madeAt)
    if (await this.#artifacts.rememberProof(id, payload, expiresIn, madeAt)) return
    throw new errors.InvalidRequest('jti was already used')
  }
}

/** A refresh token that was used may be used again for a moment, for the same successor (docs/adr/0012). */
class RefreshTokenAdapter extends ArtifactAdapter {
  readonly #artifacts: ArtifactStore
  readonly #succession: RefreshSuccession

  constructor({ succession, ...stores }: Stores & { readonly succession: RefreshSuccession }) {
    super('RefreshToken', stores)
    this.#artifacts = stores.artifacts
    this.#succession = succession
  }

  override async find(id: string): Promise<AdapterPayload | undefined> {
    const found = await super.find(id)
    if (typeof found?.consumed !== 'number' || !(await this.#succession.isRetry(id, found.consumed))) return found
    const payload = { ...found }
    delete payload.consumed
    return payload
  }

  override async consume(id: string): Promise<void> {
    const successor = await this.#succession.claim(id)
    if (!(await this.#artifacts.consume('RefreshToken', id)) && !(await this.#isRetry(id))) {
      await this.#artifacts.revokeGrantOf('RefreshToken', id)
      throw new errors.InvalidGrant('already consumed')
    }
    if (Provider.ctx !== undefined) this.#succession.appoint(Provider.ctx, successor)
  }

  async #isRetry(id: string): Promise<boolean> {
    const consumed: unknown = (await this.#artifacts.find('RefreshToken', id))?.consumed
    return typeof consumed === 'number' && this.#succession.isRetry(id, consumed)
  }
}

/** An interaction carries the id of the session it began in, a live cookie; oidc-provider never reads it there. */
function withoutSessionId(payload: AdapterPayload): AdapterPayload {
  if (payload.session?.cookie === undefined) return payload
  const { cookie: _cookie, ...session } = payload.session
  return { ...payload, session }
}

/** Sites are registered with us, not through oidc-provider: it may only read. */
function createClientAdapter(find: ArtifactAdapterDependencies['findClient']): Adapter {
  const refuse = (): Promise<never> => Promise.reject(new Error('clients are written by relying-party/ alone'))
  return {
    find,
    upsert: refuse,
    findByUid: refuse,
    findByUserCode: refuse,
    consume: refuse,
    destroy: refuse,
    revokeByGrantId: refuse,
  }
}
