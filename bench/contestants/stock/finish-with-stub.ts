import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'
import { API, SITE } from '../../scene.ts'

/** A log-in without any: whoever comes to the page is somebody, and agrees. */
export async function finishWithStub(provider: Provider, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { params } = await provider.interactionDetails(req, res)
  await finishAs(provider, req, res, { accountId: randomUUID(), scope: String(params['scope']) })
}

/** Ends an interaction with a new grant for all that was asked. */
export async function finishAs(
  provider: Provider,
  req: IncomingMessage,
  res: ServerResponse,
  { accountId, scope }: { readonly accountId: string; readonly scope: string },
): Promise<void> {
  const grant = new provider.Grant({ accountId, clientId: SITE })
  const words = scope.split(' ')
  grant.addOIDCScope(words.filter((word) => word === 'openid' || word === 'offline_access').join(' '))
  grant.addResourceScope(API, words.filter((word) => word === 'read').join(' '))
  const grantId = await grant.save()
  await provider.interactionFinished(req, res, { login: { accountId }, consent: { grantId } })
}
