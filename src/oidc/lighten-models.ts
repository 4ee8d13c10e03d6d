import type { default as Provider } from 'oidc-provider'

interface ModelInstance {
  readonly jti: string
  readonly iat?: number
  readonly exp?: number
  /** Of tokens. */
  readonly expiration?: number
}
interface Model {
  readonly IN_PAYLOAD: readonly string[]
  readonly prototype: ModelInstance & { getValueAndPayload(): Promise<{ value: string; payload: object }> }
}

/**
 * What the library's models write down of themselves, made in one pass: it picks and copies each member three times, for every record of every
 * request. Those of its models that say more of a token than what is on it (access tokens) have a way of their own, and keep it.
 */
export function lightenModels(provider: Provider): void {
  const base = Object.getPrototypeOf(provider.Interaction) as Model
  const membersOf = new WeakMap<object, ReadonlySet<string>>()
  base.prototype.getValueAndPayload = function (this: ModelInstance) {
    const model = this.constructor as unknown as Model
    const members = membersOf.get(model) ?? new Set(model.IN_PAYLOAD)
    membersOf.set(model, members)
    const now = Math.floor(Date.now() / 1000)
    // as there: what has no end says none
    const exp = (this.exp ?? 0) || now + (this.expiration ?? Number.NaN)
    const payload: Record<string, unknown> = { iat: (this.iat ?? 0) || now }
    if (!Number.isNaN(exp)) payload['exp'] = exp
    for (const [name, value] of Object.entries(this)) {
      if (value !== undefined && members.has(name)) payload[name] = value
    }
    return Promise.resolve({ value: this.jti, payload })
  }
}
