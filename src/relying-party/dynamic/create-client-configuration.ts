import type { ChangedClient } from '../client-administration.ts'
import { toReplacingFields } from './client-metadata.ts'
import { readMetadata } from './read-metadata.ts'
import { REFUSED_TOKEN, refusalOf, refused, type RegistrationAnswer } from './registration-answer.ts'
import { digestRegistrationToken } from './registration-token.ts'
import type { RegistrationWork } from './registration-work.ts'
import { withoutLoosening } from './without-loosening.ts'

export interface ClientConfigurationDependencies {
  readonly transact: <Result>(work: (parts: RegistrationWork) => Promise<Result>) => Promise<Result>
  readonly answerWith: (status: 200 | 201, changed: ChangedClient, token: string) => RegistrationAnswer
}

/** RFC 7592: what a program does with the client that it registered itself. `bearer` is its registration access token. */
export interface ClientConfiguration {
  read(bearer: string | undefined, clientId: string): Promise<RegistrationAnswer>
  /** Replaces all that a program may say of its client; what only operators grant stays. */
  replace(bearer: string | undefined, clientId: string, unverified: unknown): Promise<RegistrationAnswer>
  /** The client is unknown from then on. Its id is never given to another: consents and subjects speak of it. */
  remove(bearer: string | undefined, clientId: string): Promise<RegistrationAnswer>
}

/** RFC 7592 §2.2: what the provider says of a client, and a client therefore not. */
const NOT_FOR_CLIENTS = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
]

export function createClientConfiguration({
  transact,
  answerWith,
}: ClientConfigurationDependencies): ClientConfiguration {
  /** RFC 7592 §2: an unknown client and a token of another one are told apart by nobody. */
  const authorized = (
    bearer: string | undefined,
    clientId: string,
    work: (parts: RegistrationWork, token: string) => Promise<RegistrationAnswer>,
  ): Promise<RegistrationAnswer> =>
    transact(async (parts) => {
      const owned = await parts.configurationTokens.find(digestRegistrationToken(bearer ?? ''))
      if (bearer === undefined || owned === undefined || owned !== clientId) return REFUSED_TOKEN
      const { status } = await parts.clients.show(clientId)
      return status === 'enabled' ? work(parts, bearer) : REFUSED_TOKEN
    })

  return {
    read: (bearer, clientId) =>
      authorized(bearer, clientId, async ({ clients }, token) =>
        answerWith(200, { client: await clients.show(clientId), clientSecret: undefined }, token),
      ),

    async replace(bearer, clientId, unverified) {
      try {
        return await authorized(bearer, clientId, async ({ clients, tell }, token) => {
          const metadata = readMetadata(unverified)
          if ('status' in metadata) return metadata
          const { fields } = metadata
          if (fields['client_id'] !== clientId) return refused('invalid_client_metadata', 'client_id: must be its own')
          const foreign = NOT_FOR_CLIENTS.find((name) => Object.hasOwn(fields, name))
          if (foreign !== undefined) return refused('invalid_client_metadata', `${foreign}: is not for clients to say`)
          const { client_secret: secret } = fields
          if (secret !== undefined && !(typeof secret === 'string' && (await clients.knowsSecret(clientId, secret))))
            return refused('invalid_client_metadata', 'client_secret: is not the one that it has')
          const replacing = withoutLoosening(toReplacingFields(fields), await clients.show(clientId))
          const changed = await clients.update(clientId, replacing)
          await tell('updated_itself', clientId)
          return answerWith(200, changed, token)
        })
      } catch (fault) {
        return refusalOf(fault)
      }
    },

    remove: (bearer, clientId) =>
      authorized(bearer, clientId, async ({ clients, configurationTokens, tell }) => {
        await clients.setDisabled(clientId, true)
        await configurationTokens.remove(clientId)
        await tell('deleted_itself', clientId)
        return { status: 204, body: {} }
      }),
  }
}
