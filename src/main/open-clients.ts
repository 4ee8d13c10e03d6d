import type { Config } from '../config/config.ts'
import {
  ACCOUNT_CALLBACK_PATH,
  ACCOUNT_CLIENT_ID,
  LINK_CALLBACK_PATH,
  LINK_CLIENT_ID,
} from '../oidc/account-sessions.ts'
import { cacheClients } from '../relying-party/cache-clients.ts'
import { createClientRegistry, type ClientLookup, type ClientRegistry } from '../relying-party/client-registry.ts'
import type { ChangeFeed } from '../storage/change-feed/change.ts'
import { createClientStore } from '../storage/client-store.ts'
import type { Database } from '../storage/database.ts'
import { clientChangesOf } from './client-changes-of.ts'
import type { SourceGauges } from './measure/source-gauges.ts'
import { consoleRegistration } from './open-admin.ts'

export interface OpenClientsOptions {
  readonly config: Pick<Config, 'issuer' | 'admin'>
  readonly database: Database
  readonly changes: ChangeFeed
  readonly sources: Pick<SourceGauges, 'lookup'>
  readonly now: () => Date
}

/** The sites that are known, with the provider's own among them; and the same as requests look them up, from memory where nothing changed. */
export async function openClients({ config, database, changes, sources, now }: OpenClientsOptions): Promise<{
  readonly clients: ClientRegistry
  readonly servedClients: ClientLookup
}> {
  const clients = createClientRegistry({ store: createClientStore(database), now })
  const servedClients = cacheClients({
    clients,
    changes: clientChangesOf(changes),
    now,
    onLookup: (isFound) => {
      sources.lookup('clients', isFound)
    },
  })
  await registerOwnClients(clients, config)
  return { clients, servedClients }
}

/** The provider's own pages for people sign in through it, as any site does: as clients that the server itself registers. */
async function registerOwnClients(
  clients: ClientRegistry,
  { issuer, admin }: Pick<Config, 'issuer' | 'admin'>,
): Promise<void> {
  await clients.upsert({
    clientId: ACCOUNT_CLIENT_ID,
    displayName: { ja: 'Sekisho あなたのページ', en: 'Sekisho, your page' },
    redirectUris: [new URL(ACCOUNT_CALLBACK_PATH, issuer).href],
    firstParty: true,
  })
  await clients.upsert({
    clientId: LINK_CLIENT_ID,
    displayName: { ja: 'Sekisho 会員とカードの連携', en: 'Sekisho, linking a member to a card' },
    redirectUris: [new URL(LINK_CALLBACK_PATH, issuer).href],
    firstParty: true,
  })
  if (admin !== undefined) await clients.upsert(consoleRegistration(admin.origin))
}
