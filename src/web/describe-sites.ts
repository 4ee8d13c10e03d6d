import type { ServedClient } from '../relying-party/client-registry.ts'
import type { GivenConsent } from '../relying-party/consent/consent-store.ts'
import type { ExternalAccount } from '../relying-party/link/external-account-store.ts'
import type { ConnectionOverview } from '../subject/account-overview.ts'
import { describeConsent, type FindApi } from './describe-consent.ts'
import { writeDay, writeMoment } from './describe-overview.ts'
import type { Locale } from './locale.ts'

/** Every site that knows a person or may come to know them, the last one first, and what it may do. */
export async function describeSites(
  connections: readonly ConnectionOverview[],
  consents: readonly GivenConsent[],
  links: readonly ExternalAccount[],
  {
    locale,
    clients,
    findApi,
    isOwnClient,
  }: {
    readonly locale: Locale
    readonly clients: ReadonlyMap<string, ServedClient>
    readonly findApi: FindApi
    readonly isOwnClient: (clientId: string) => boolean
  },
) {
  const seen = new Map(connections.map((connection) => [connection.clientId, connection]))
  const agreed = new Map(consents.map((given) => [given.clientId, given]))
  const linked = new Map(links.map((link) => [link.clientId, link]))
  const clientIds = [...new Set([...linked.keys(), ...seen.keys(), ...agreed.keys()])].filter(
    (clientId) => !isOwnClient(clientId),
  )
  return Promise.all(
    clientIds.map(async (clientId) => {
      const [connection, given, client] = [seen.get(clientId), agreed.get(clientId), clients.get(clientId)]
      const link = linked.get(clientId)
      return {
        clientId,
        name: client?.displayName[locale] ?? clientId,
        first: connection && writeDay(connection.firstAt, locale),
        last: connection && writeMoment(connection.lastAt, locale),
        agreed: given && writeMoment(given.givenAt, locale),
        member: link && { externalId: link.externalId, since: writeDay(link.linkedAt, locale) },
        items: given && (await describeConsent(given.consent, locale, findApi)),
        sharesSubject: client?.subjectType === 'public',
        isFirstParty: client?.firstParty === true,
        canDisconnect: connection?.isLive === true || given !== undefined,
      }
    }),
  )
}
