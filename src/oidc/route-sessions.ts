import { randomBytes } from 'node:crypto'
import type { default as Provider } from 'oidc-provider'
import { routeOfGroup } from './route-ids.ts'

interface SessionInstance {
  id: string
  uid: string
  touched: boolean
}

interface SessionModel {
  instantiate(payload?: { readonly jti?: string }): SessionInstance
  readonly prototype: { resetIdentifier(this: SessionInstance): void }
}

/**
 * The id of a session, its cookie, names the place of the session (route-ids.ts), and a new id ends the old one in the step that writes it:
 * oidc-provider would end the old one first, in a step of its own.
 */
export function routeSessions(provider: Provider): void {
  const model = provider.Session as unknown as SessionModel
  const instantiate = model.instantiate.bind(model)
  const newId = (uid: string): string => `${routeOfGroup(uid)}${randomBytes(32).toString('base64url')}`
  model.instantiate = (payload) => {
    const session = instantiate(payload)
    if (payload?.jti === undefined) session.id = newId(session.uid)
    return session
  }
  model.prototype.resetIdentifier = function () {
    this.id = newId(this.uid)
    this.touched = true
  }
}
