import { type Redis } from 'ioredis'
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'

/** Kinds that are marked when they are used: a hash, so that the mark is a field of it. */
const MARKED = new Set(['AuthorizationCode', 'RefreshToken', 'DeviceCode', 'BackchannelAuthenticationRequest'])
/** Kinds that end with their grant: their keys are listed under it. */
const GRANTED = new Set([...MARKED, 'AccessToken'])

const listOfGrant = (grantId: string): string => `grant:${grantId}`
const idOfUid = (uid: string): string => `uid:${uid}`

/**
 * The plain Redis adapter of oidc-provider that everybody begins with, command for command as its repository used to show it: nothing
 * cached, nothing scripted. Not made worse than it was: test/integration/bench-baseline.test.ts counts its commands.
 */
export function createPlainRedisAdapter(redis: Redis): AdapterFactory {
  return (model) => new PlainRedisAdapter(redis, model)
}

class PlainRedisAdapter implements Adapter {
  readonly #redis: Redis
  readonly #model: string

  constructor(redis: Redis, model: string) {
    this.#redis = redis
    this.#model = model
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    const key = this.#key(id)
    const writing = this.#redis.multi()
    if (MARKED.has(this.#model)) writing.hmset(key, { payload: JSON.stringify(payload) })
    else writing.set(key, JSON.stringify(payload))
    if (expiresIn) writing.expire(key, expiresIn)
    if (GRANTED.has(this.#model) && payload.grantId !== undefined) {
      const list = listOfGrant(payload.grantId)
      writing.rpush(list, key)
      // the list lives as long as the longest-lived of what is in it
      const left = await this.#redis.ttl(list)
      if (expiresIn > left) writing.expire(list, expiresIn)
    }
    if (payload.uid !== undefined) {
      writing.set(idOfUid(payload.uid), id)
      writing.expire(idOfUid(payload.uid), expiresIn)
    }
    await writing.exec()
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    if (!MARKED.has(this.#model)) {
      const text = await this.#redis.get(this.#key(id))
      return text === null ? undefined : (JSON.parse(text) as AdapterPayload)
    }
    const { payload, ...marks } = await this.#redis.hgetall(this.#key(id))
    return payload === undefined ? undefined : { ...marks, ...(JSON.parse(payload) as AdapterPayload) }
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const id = await this.#redis.get(idOfUid(uid))
    return id === null ? undefined : this.find(id)
  }

  /** The device flow is not measured. */
  findByUserCode(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  async consume(id: string): Promise<void> {
    await this.#redis.hset(this.#key(id), 'consumed', Math.floor(Date.now() / 1000))
  }

  async destroy(id: string): Promise<void> {
    await this.#redis.del(this.#key(id))
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    const writing = this.#redis.multi()
    for (const key of await this.#redis.lrange(listOfGrant(grantId), 0, -1)) writing.del(key)
    writing.del(listOfGrant(grantId))
    await writing.exec()
  }

  #key(id: string): string {
    return `oidc:${this.#model}:${id}`
  }
}
