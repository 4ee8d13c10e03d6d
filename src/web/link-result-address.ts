import type { LinkRefusalCode } from '../relying-party/link/link-ticket.ts'

/** What became of a ticket, as its person is told. */
export type LinkResult =
  | { readonly outcome: 'linked'; readonly already: boolean }
  | { readonly outcome: 'refused'; readonly code: LinkRefusalCode }
  | { readonly outcome: 'stopped' }

/**
 * The way back to the site. What stands in it is a hint for the page that is shown next: anybody can write such an address, so the site asks
 * the API what became of its ticket.
 */
export function linkResultAddress(returnUrl: string, ticketId: string, result: LinkResult): string {
  const address = new URL(returnUrl)
  address.searchParams.set('link_ticket', ticketId)
  address.searchParams.set('link_result', result.outcome)
  if (result.outcome === 'refused') address.searchParams.set('link_error', result.code)
  return address.href
}
