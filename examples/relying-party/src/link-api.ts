import * as oidc from 'openid-client'
import type { Connect } from './connect.ts'

/** What became of a ticket. */
export interface Ticket {
  readonly id: string
  readonly external_id: string
  readonly state: 'open' | 'linked' | 'refused' | 'stopped' | 'cancelled' | 'expired'
  readonly code?: string
}

/** The provider’s API for links, spoken with a token of the shop itself (`client_credentials`): the person has no part in it. */
export function createLinkApi({ issuer, connect }: { readonly issuer: string; readonly connect: Connect }) {
  const api = `${issuer}/api/v1`

  const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
    const configuration = await connect()
    // a real site keeps the token until it is over
    const { access_token: token } = await oidc.clientCredentialsGrant(configuration, { scope: 'link', resource: api })
    const answer = await oidc.fetchProtectedResource(
      configuration,
      token,
      new URL(`${api}${path}`),
      method,
      body === undefined ? undefined : JSON.stringify(body),
      new Headers(body === undefined ? {} : { 'content-type': 'application/json' }),
    )
    if (!answer.ok) throw new Error(`the link API answered ${answer.status}: ${await answer.text()}`)
    return answer.status === 204 ? undefined : answer.json()
  }

  return {
    /** @returns also the address at which the user goes on: for this user alone, once */
    make: (request: {
      external_id: string
      label: string
      return_url: string
    }): Promise<Ticket & { readonly url: string }> =>
      ask('POST', '/link-tickets', request) as Promise<Ticket & { readonly url: string }>,
    show: (id: string): Promise<Ticket> => ask('GET', `/link-tickets/${encodeURIComponent(id)}`) as Promise<Ticket>,
    unlink: (externalId: string): Promise<unknown> =>
      ask('DELETE', `/external-accounts/${encodeURIComponent(externalId)}`),
  }
}
