import { errors, type Adapter, type AdapterFactory, type AdapterPayload } from 'oidc-provider'

/** What of src/storage/oidc-artifact-store.ts is needed here. */
export interface ArtifactStore {
  upsert(model: string, id: string, payload: AdapterPayload, expiresInSeconds?: number): Promise<void>
  insertOnce(model: string, id: string, payload: AdapterPayload, expiresInSeconds?: number): Promise<boolean>
  find(model: string, id: string): Promise<AdapterPayload | undefined>
  findByUid(model: string, uid: string): Promise<AdapterPayload | undefined>
  findByUserCode(model: string, userCode: string): Promise<AdapterPayload | undefined>
  consume(model: string, id: string): Promise<boolean>
  destroy(model: string, id: string): Promise<void>
  revokeByGrantId(grantId: string): Promise<void>
  revokeGrantOf(model: string, id: string): Promise<void>
}

export interface ArtifactAdapterDependencies {
  readonly artifacts: ArtifactStore
  /** Metadata of a registered site (relying-party/), as RFC 7591 §2 names it. */
  readonly findClient: (clientId: string) => Promise<AdapterPayload | undefined>
}

/** The `adapter` of oidc-provider's configuration: one adapter for each of its models. */
export function createArtifactAdapter({ artifacts, findClient }: ArtifactAdapterDependencies): AdapterFactory {
  return (model) => (model === 'Client' ? createClientAdapter(findClient) : new ArtifactAdapter(model, artifacts))
}

/**
 * Brings the single use of codes, refresh tokens and pushed requests, which oidc-provider leaves to its adapter: it reads
 * `consumed` first and consumes later, and of two that read at the same time only this conditional step stops one.
 */
class ArtifactAdapter implements Adapter {
  readonly #model: string
  readonly #artifacts: ArtifactStore

  constructor(model: string, artifacts: ArtifactStore) {
    this.#model = model
    this.#artifacts = artifacts
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    if (this.#model === 'ReplayDetection') return this.#detectReplay(id, payload, expiresIn)
    await this.#artifacts.upsert(this.#model, id, withoutSessionId(payload), expiresIn)
  }

  find(id: string): Promise<AdapterPayload | undefined> {
    return this.#artifacts.find(this.#model, id)
  }

  findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#artifacts.findByUid(this.#model, uid)
  }

  findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#artifacts.findByUserCode(this.#model, userCode)
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
  async #detectReplay(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    if (await this.#artifacts.insertOnce(this.#model, id, payload, expiresIn)) return
    throw new errors.InvalidRequest('jti was already used')
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
