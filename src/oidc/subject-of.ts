import type { Client, Configuration, default as Provider } from 'oidc-provider'
import { sectorOf } from './client-policy.ts'
import type { KnownSubjects } from './known-subjects.ts'

/** Port (subject/): the random, stored subject of an account in a sector. */
export interface Subjects {
  subjectFor(accountId: string, sector: string): Promise<string>
}

/** `sub` as the one who reads it knows the person: at introspection that is the resource server, elsewhere the client. */
export function createPairwiseIdentifier(
  subjects: Subjects,
  knownSubjects: Pick<KnownSubjects, 'of'>,
): NonNullable<Configuration['pairwiseIdentifier']> {
  return async (ctx, accountId, client) => {
    // a log-out token is made without a request
    const oidc = (ctx as typeof ctx | undefined)?.oidc
    const reader = oidc?.route === 'introspection' ? oidc.client : client
    const sector = sectorOf(reader ?? client)
    return knownSubjects.of(ctx, accountId, sector) ?? subjects.subjectFor(accountId, sector)
  }
}

/**
 * oidc-provider gives a client with public subjects the account id itself. Ours is nobody's business, so to oidc-provider every
 * client is pairwise, and "public" is a sector that many share (relying-party/sector.ts).
 */
export function makeEveryClientPairwise(provider: Provider): void {
  const { Client: model } = provider
  const find = model.find.bind(model)
  model.find = async (id: string): Promise<Client | undefined> => {
    const client = await find(id)
    if (client !== undefined) Object.assign(client, { subjectType: 'pairwise' })
    return client
  }
}
