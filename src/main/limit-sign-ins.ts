import type { AccountResolver } from '../sign-in/account-resolver.ts'
import type { RateLimits } from '../sign-in/rate-limits.ts'
import type { SignIn } from '../sign-in/sign-in.ts'
import { pepperHandle, type Peppers } from '../subject/credential-handle.ts'

/**
 * Counts the sign-ins with each card, where its account is looked up: after the signature was verified, and only in the browser that
 * began. A stranger who knows a card's number can do nothing to its owner; a program that got hold of card and PIN is slowed down, and
 * so are questions to the linkage service.
 */
export function limitCards(
  accounts: AccountResolver,
  { limits, peppers: [pepper] }: { readonly limits: RateLimits; readonly peppers: Peppers },
): AccountResolver {
  return {
    async resolve(identity, record) {
      await limits.count('card', Buffer.from(pepperHandle(pepper, identity).handle).toString('base64'))
      return accounts.resolve(identity, record)
    },
  }
}

/**
 * Counts the tickets that are opened for each site: one that is flooded leaves room for the others. Counted while the ticket is written; one
 * that was too many is told to nobody, and ends by itself.
 */
export function limitClients<Opens extends Pick<SignIn, 'openTicket'>>(signIn: Opens, limits: RateLimits): Opens {
  return {
    ...signIn,
    openTicket: async (request: Parameters<SignIn['openTicket']>[0]) => {
      const opening = signIn.openTicket(request)
      // which of the two is told is decided here: being too many comes first
      opening.catch(() => undefined)
      await limits.count('client', request.clientId)
      return opening
    },
  }
}
