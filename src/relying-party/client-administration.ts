import { z } from 'zod'
import { authMethodOf } from './auth-method.ts'
import { ClientRefused } from './client-refused.ts'
import { recordOf } from './client-registry.ts'
import {
  clientSecretsSchema,
  digestClientSecret,
  drawClientSecret,
  isLive,
  matchesClientSecret,
  type ClientSecret,
} from './client-secret.ts'
import type { ClientSearch, ClientStore, StoredClient } from './client-store.ts'
import { viewOf, type ClientView } from './client-view.ts'
import { registrationSchema, storedRegistrationSchema, type RegisteredClient } from './registration.ts'
import { refuseOtherSubjects } from './refuse-other-subjects.ts'

export interface ClientAdministrationDependencies {
  readonly store: ClientStore
  readonly now: () => Date
  /** So many octets from a cryptographic source. */
  readonly random: (octets: number) => Uint8Array
  /** The provider's own: written anew at every start, and whoever stops one of them locks people or operators out. */
  readonly builtIn?: readonly string[]
}

/** A client, and its new secret where it got one: this is the only time that anybody sees it. */
export interface ChangedClient {
  readonly client: ClientView
  readonly clientSecret: string | undefined
}

/** Fields of a registration as somebody wrote them; nothing is known of them yet. */
export type UnverifiedFields = Readonly<Record<string, unknown>>

export interface UpdateOptions {
  readonly version?: number | undefined
  readonly allowNewSubjects?: boolean
}

/**
 * What operators do with clients.
 *
 * Every call that changes something @throws ZodError naming the fields, or ClientRefused
 */
export interface ClientAdministration {
  /** Whether `add` would refuse these fields; changes nothing. @throws ZodError naming the fields */
  verify(fields: UnverifiedFields): void
  /** Draws an id when none is given, and a secret when the client authenticates by one. */
  add(fields: UnverifiedFields): Promise<ChangedClient>
  /** Disabled ones too. */
  list(): Promise<readonly ClientView[]>
  /** A page of them; disabled ones too, unless a status is asked for. */
  search(search: ClientSearch): Promise<readonly ClientView[]>
  show(clientId: string): Promise<ClientView>
  /** Whether this is a secret of the client that is accepted now. */
  knowsSecret(clientId: string, presented: string): Promise<boolean>
  /**
   * Changes the fields that are named; `null` takes one back to its default.
   *
   * @param options.version the version that the change was made from; another one is refused as CLIENT_CHANGED
   * @param options.allowNewSubjects whether the site may learn to know everybody under another `sub`
   */
  update(clientId: string, changes: UnverifiedFields, options?: UpdateOptions): Promise<ChangedClient>
  /** What `update` would make of it; changes nothing, and refuses what `update` would refuse. */
  preview(
    clientId: string,
    changes: UnverifiedFields,
    options?: UpdateOptions,
  ): Promise<{ readonly before: ClientView; readonly after: Omit<RegisteredClient, 'clientSecret'> }>
  /** A new secret; the one before is accepted a while longer, so that the site can be changed over. Any older one ends at once. */
  rotateSecret(
    clientId: string,
    options: { readonly keepOldForMs: number; readonly version?: number | undefined },
  ): Promise<ChangedClient>
  /** A disabled client is unknown to every endpoint. Its tokens end with it; enabled again, it is as it was. */
  setDisabled(clientId: string, disabled: boolean): Promise<ClientView>
}

/** Drawn ids are for programs; 128 bits are not guessed, though nothing rests on that. */
const ID_OCTETS = 16

export function createClientAdministration(deps: ClientAdministrationDependencies): ClientAdministration {
  const { store, now, random, builtIn = [] } = deps

  return {
    verify(fields) {
      parseNew(fields)
    },

    async add(fields) {
      const client = parseNew(fields)
      const { clientSecret } = client
      if (!(await store.insert(recordOf(client, secretsOf(clientSecret, now())), now()))) {
        throw new ClientRefused('CLIENT_EXISTS', `there is a client ${client.clientId} already`)
      }
      return changed(client.clientId, clientSecret)
    },

    list: async () => (await store.list()).map((stored) => viewOf(stored, now())),
    search: async (search) => (await store.search(search)).map((stored) => viewOf(stored, now())),
    show: async (clientId) => viewOf(await find(clientId), now()),

    async knowsSecret(clientId, presented) {
      const { secrets } = await find(clientId)
      return matchesClientSecret(presented, clientSecretsSchema.parse(secrets), now())
    },

    async preview(clientId, changes, options = {}) {
      const { stored, client } = await prepare(clientId, changes, options)
      const { clientSecret: _drawn, ...after } = client
      return { before: viewOf(stored, now()), after }
    },

    async update(clientId, changes, options = {}) {
      const { stored, client, usesSecret, drawn } = await prepare(clientId, changes, options)
      const known = clientSecretsSchema.parse(stored.secrets)
      const isNew = usesSecret && known.length === 0
      const secrets = usesSecret ? (isNew ? secretsOf(drawn, now()) : known) : []
      await replace(stored, client, secrets)
      return changed(clientId, isNew ? drawn : undefined)
    },

    async rotateSecret(clientId, { keepOldForMs, version }) {
      const stored = await findToChange(clientId, version)
      const client = storedRegistrationSchema.parse({ ...(stored.registration as object), clientId })
      const known = clientSecretsSchema.parse(stored.secrets)
      if (known.length === 0) {
        throw new ClientRefused('CLIENT_WITHOUT_SECRET', `client ${clientId} does not authenticate by a secret`)
      }
      const clientSecret = drawClientSecret(random)
      const endsAt = new Date(now().getTime() + keepOldForMs)
      const [previous] = known.filter((secret) => isLive(secret, now())).toSorted(newestFirst)
      const kept =
        previous === undefined || keepOldForMs <= 0 ? [] : [{ ...previous, endsAt: sooner(previous, endsAt) }]
      await replace(stored, client, [...secretsOf(clientSecret, now()), ...kept])
      return changed(clientId, clientSecret)
    },

    async setDisabled(clientId, disabled) {
      refuseBuiltIn(clientId)
      if (!(await store.setDisabled(clientId, disabled, now()))) throw unknownClient(clientId)
      return viewOf(await find(clientId), now())
    },
  }

  function parseNew(fields: UnverifiedFields): RegisteredClient {
    refuseGivenSecret(fields)
    const clientId = fields['clientId'] ?? Buffer.from(random(ID_OCTETS)).toString('base64url')
    const method = fields['tokenEndpointAuthMethod'] ?? usualMethodOf(fields)
    const clientSecret = method === 'client_secret_basic' ? drawClientSecret(random) : undefined
    const { data, error } = registrationSchema.safeParse({
      ...fields,
      clientId,
      tokenEndpointAuthMethod: method,
      clientSecret,
    })
    // every fault at once: nobody sends a form twice to learn of the second one
    const issues = [...(error?.issues ?? []), ...ownerFaults(fields)]
    if (data === undefined || issues.length > 0) throw new z.ZodError(issues)
    return data
  }

  /** The registration as a change would make it. */
  async function prepare(
    clientId: string,
    changes: UnverifiedFields,
    { version, allowNewSubjects = false }: UpdateOptions,
  ): Promise<{ stored: StoredClient; client: RegisteredClient; usesSecret: boolean; drawn: string }> {
    refuseGivenSecret(changes)
    if ('clientId' in changes && changes['clientId'] !== clientId) throw fieldFault('clientId', 'cannot be changed')
    const stored = await findToChange(clientId, version)
    const before = storedRegistrationSchema.parse({ ...(stored.registration as object), clientId })
    const merged = Object.fromEntries(
      Object.entries<unknown>({ ...before, ...changes }).filter(([, value]) => value !== null),
    )
    const usesSecret = (merged['tokenEndpointAuthMethod'] ?? authMethodOf(before)) === 'client_secret_basic'
    const drawn = drawClientSecret(random)
    const client = registrationSchema.parse({ ...merged, ...(usesSecret ? { clientSecret: drawn } : {}) })
    if (!allowNewSubjects) refuseOtherSubjects(before, client)
    return { stored, client, usesSecret, drawn }
  }

  async function find(clientId: string): Promise<StoredClient> {
    const stored = await store.find(clientId)
    if (stored === undefined) throw unknownClient(clientId)
    return stored
  }

  async function findToChange(clientId: string, version: number | undefined): Promise<StoredClient> {
    refuseBuiltIn(clientId)
    const stored = await find(clientId)
    if (version !== undefined && version !== stored.version) throw changedMeanwhile(clientId)
    return stored
  }

  function refuseBuiltIn(clientId: string): void {
    if (!builtIn.includes(clientId)) return
    throw new ClientRefused(
      'CLIENT_BUILT_IN',
      `client ${clientId} is part of this provider, which writes it at every start`,
    )
  }

  async function replace(
    { clientId, version }: StoredClient,
    client: RegisteredClient,
    secrets: readonly ClientSecret[],
  ): Promise<void> {
    const record = recordOf({ ...client, clientId }, secrets)
    if (!(await store.replace(record, version, now()))) throw changedMeanwhile(clientId)
  }

  async function changed(clientId: string, clientSecret: string | undefined): Promise<ChangedClient> {
    return { client: viewOf(await find(clientId), now()), clientSecret }
  }
}

function secretsOf(secret: string | undefined, now: Date): ClientSecret[] {
  return secret === undefined ? [] : [{ digest: digestClientSecret(secret), createdAt: now }]
}

function usualMethodOf(fields: UnverifiedFields): string {
  if (fields['jwks'] !== undefined || fields['jwksUri'] !== undefined) return 'private_key_jwt'
  return (fields['applicationType'] ?? 'web') === 'web' ? 'client_secret_basic' : 'none'
}

const newestFirst = (one: ClientSecret, other: ClientSecret): number => Number(other.createdAt) - Number(one.createdAt)

const sooner = ({ endsAt }: ClientSecret, end: Date): Date => (endsAt !== undefined && endsAt < end ? endsAt : end)

/** A secret that somebody thought of is not 256 random bits, and its digest would not protect it. */
function refuseGivenSecret(fields: UnverifiedFields): void {
  if ('clientSecret' in fields) throw fieldFault('clientSecret', 'is drawn here, and shown once')
}

function ownerFaults({ owner }: UnverifiedFields): z.core.$ZodIssue[] {
  return owner === undefined ? fieldFault('owner', 'must say who answers for this client').issues : []
}

function fieldFault(field: string, message: string): z.ZodError {
  return new z.ZodError([{ code: 'custom', path: [field], message, input: undefined }])
}

function unknownClient(clientId: string): ClientRefused {
  return new ClientRefused('CLIENT_UNKNOWN', `there is no client ${clientId}`)
}

function changedMeanwhile(clientId: string): ClientRefused {
  return new ClientRefused('CLIENT_CHANGED', `client ${clientId} was changed by somebody else meanwhile: look again`)
}
