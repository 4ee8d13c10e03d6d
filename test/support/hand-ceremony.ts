import type { TicketMessage } from '@sekisho/protocol'
import { SITE_REDIRECT_URI } from './providers-on-one-database.ts'

/** A browser at the sign-in page, as one set of cookies: each step says which instance it goes to. */
export interface BegunSignIn {
  readonly interactionId: string
  readonly cookie: string
}

/** @param site which one asks; the one of `providers-on-one-database.ts` unless told */
export async function beginSignIn(
  address: string,
  { clientId, redirectUri } = { clientId: 'site', redirectUri: SITE_REDIRECT_URI },
): Promise<BegunSignIn> {
  const query = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    scope: 'openid',
    redirect_uri: redirectUri,
    code_challenge: 'a'.repeat(43),
    code_challenge_method: 'S256',
  })
  const response = await fetch(`${address}/auth?${query.toString()}`, { redirect: 'manual' })
  const cookies = response.headers.getSetCookie().map((line) => line.split(';', 1)[0] ?? '')
  const interactionId = /\/interaction\/([\w-]+)$/.exec(response.headers.get('location') ?? '')?.[1]
  if (interactionId === undefined) throw new Error(`no interaction: ${response.status}`)
  return { interactionId, cookie: cookies.join('; ') }
}

/** Presses "use my card". @returns the ticket */
export async function openTicket(address: string, issuer: string, begun: BegunSignIn): Promise<string> {
  const response = await fetch(`${address}/interaction/${begun.interactionId}/card`, {
    method: 'POST',
    headers: { cookie: begun.cookie, origin: issuer },
    redirect: 'manual',
  })
  const location = response.headers.get('location')
  if (location === null) throw new Error(`no ticket: ${response.status}`)
  return new URL(location).searchParams.get('ticket') ?? ''
}

export async function claimTicket(
  address: string,
  ticket: string,
): Promise<{ readonly status: number; readonly body: TicketMessage & { readonly error?: string } }> {
  const response = await fetch(`${address}/agent/tickets/${ticket}`)
  return { status: response.status, body: (await response.json()) as TicketMessage }
}

export async function answerTicket(
  address: string,
  ticket: string,
  answer: unknown,
): Promise<{ readonly status: number; readonly error?: string; readonly completion_uri?: string }> {
  const response = await fetch(`${address}/agent/tickets/${ticket}/response`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(answer),
  })
  return { status: response.status, ...((await response.json()) as { error?: string; completion_uri?: string }) }
}

/** Brings the completion to an instance. @returns where it leads, or the code on the page */
export async function complete(address: string, completionUri: string, { cookie }: BegunSignIn): Promise<string> {
  const { pathname, search } = new URL(completionUri)
  const response = await fetch(`${address}${pathname}${search}`, { headers: { cookie }, redirect: 'manual' })
  const code = /data-error-code="(\w+)"/.exec(await response.text())?.[1]
  return code ?? response.headers.get('location') ?? `status ${response.status}`
}
