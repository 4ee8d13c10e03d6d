import * as oidc from 'openid-client'

/** What became of a ticket. */
export interface LinkTicket {
  readonly id: string
  readonly external_id: string
  readonly state: 'open' | 'linked' | 'refused' | 'stopped' | 'cancelled' | 'expired'
  readonly code?: 'LINK_CARD_TAKEN' | 'LINK_USER_TAKEN'
}

/** The provider's API, with a token of your program's own: it is good for ten minutes, keep it as long. */
async function ask(configuration: oidc.Configuration, method: string, path: string, body?: object, headers = {}) {
  const api = `${configuration.serverMetadata().issuer}/api/v1`
  const { access_token } = await oidc.clientCredentialsGrant(configuration, { scope: 'link', resource: api })
  const answer = await oidc.fetchProtectedResource(
    configuration,
    access_token,
    new URL(api + path),
    method,
    body && JSON.stringify(body),
    new Headers({ ...headers, ...(body && { 'content-type': 'application/json' }) }),
  )
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
  return answer
}

/**
 * When a user of yours, signed in as ever, presses “link my card”. Keep the ticket's id in this browser's session, and send this
 * browser to `url`; show it to nobody else. The same `requestId` again is the same ticket.
 */
export async function beginLinking(
  configuration: oidc.Configuration,
  user: { readonly id: string; readonly name: string },
  returnUrl: string,
  requestId: string,
): Promise<LinkTicket & { readonly url: string }> {
  const wish = { external_id: user.id, label: user.name, return_url: returnUrl }
  const answer = await ask(configuration, 'POST', '/link-tickets', wish, { 'idempotency-key': requestId })
  return (await answer.json()) as LinkTicket & { readonly url: string }
}

/**
 * At the return address. `ticketId` is what that browser's session has, or undefined; `address` is where it arrived. Somebody else's browser
 * means that the link was passed on: what was linked there is somebody else's card, and is taken back.
 */
export async function finishLinking(
  configuration: oidc.Configuration,
  address: URL,
  ticketId: string | undefined,
): Promise<LinkTicket['state'] | 'passed-on'> {
  const answer = await ask(
    configuration,
    'GET',
    `/link-tickets/${encodeURIComponent(address.searchParams.get('link_ticket') ?? '')}`,
  )
  const ticket = (await answer.json()) as LinkTicket
  if (ticket.id === ticketId) return ticket.state
  if (ticket.state === 'linked') await unlink(configuration, ticket.external_id)
  return 'passed-on'
}

/** When a user of yours does not want it any more, or is one no longer. */
export async function unlink(configuration: oidc.Configuration, userId: string): Promise<void> {
  await ask(configuration, 'DELETE', `/external-accounts/${encodeURIComponent(userId)}`)
}

/** Everybody who is linked, page by page. */
export async function* linkedUsers(configuration: oidc.Configuration) {
  let cursor: string | undefined
  do {
    const answer = await ask(configuration, 'GET', `/external-accounts${cursor ? `?cursor=${cursor}` : ''}`)
    const page = (await answer.json()) as { external_accounts: { external_id: string }[]; next_cursor?: string }
    yield* page.external_accounts
    cursor = page.next_cursor
  } while (cursor !== undefined)
}
