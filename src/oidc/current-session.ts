import type { IncomingMessage, ServerResponse } from 'node:http'
import type { default as Provider, Session } from 'oidc-provider'

/** The session whose signed cookie a browser sent. `Session.get` also takes a plain Koa context, which the types do not say. */
export function currentSession(provider: Provider, req: IncomingMessage, res: ServerResponse): Promise<Session> {
  const model = provider.Session as unknown as { get(context: unknown): Promise<Session> }
  return model.get(provider.createContext(req, res))
}
