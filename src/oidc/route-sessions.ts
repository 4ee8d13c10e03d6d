import { randomBytes } from 'node:crypto'
import type { default as Provider } from 'oidc-provider'
import { idInGroup } from './route-ids.ts'

interface SessionInstance {
  id: string
  uid: string
  touched: boolean
  [READ]?: boolean
  getValueAndPayload(): Promise<{ payload?: Record<string, unknown> }>
}

/** On a session that came out of the store. The library wraps sessions: what is on them is seen through it. */
const READ = Symbol('read from the store')

interface SessionModel {
  instantiate(payload?: { readonly jti?: string }): SessionInstance
  readonly prototype: Pick<SessionInstance, 'getValueAndPayload'> & { resetIdentifier(this: SessionInstance): void }
}

/**
 * The id of a session, its cookie, names the place of the session (route-ids.ts), and a new id ends the old one in the step that writes it:
 * oidc-provider would end the old one first, in a step of its own.
 *
 * A session that was read says so when it is written (`readBefore`): whoever read it before a log-out must not write it back after. The
 * library saves what it has in memory, and would revive it.
 */
export function routeSessions(provider: Provider): void {
  const model = provider.Session as unknown as SessionModel
  const instantiate = model.instantiate.bind(model)
  const newId = (uid: string): string => idInGroup(uid, () => randomBytes(32).toString('base64url'))
  model.instantiate = (payload) => {
    const session = instantiate(payload)
    if (payload?.jti === undefined) session.id = newId(session.uid)
    else session[READ] = true
    return session
  }
  model.prototype.resetIdentifier = function () {
    this.id = newId(this.uid)
    this.touched = true
  } // bound to the session each time it is called
  const { getValueAndPayload } = model.prototype
  model.prototype.getValueAndPayload = async function (this: SessionInstance) {
    const made = await getValueAndPayload.call(this)
    if (made.payload !== undefined && this[READ] === true) made.payload['readBefore'] = true
    return made
  }
}
