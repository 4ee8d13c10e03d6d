import type { ChangedClient } from '../client-administration.ts'
import { toClientMetadata, toRegistrationFields } from './client-metadata.ts'
import { createClientConfiguration, type ClientConfiguration } from './create-client-configuration.ts'
import { readMetadata } from './read-metadata.ts'
import { REFUSED_TOKEN, refusalOf, type RegistrationAnswer } from './registration-answer.ts'
import { digestRegistrationToken, drawRegistrationToken } from './registration-token.ts'
import type { RegistrationWork } from './registration-work.ts'

export interface DynamicRegistrationDependencies {
  /** Runs `work` in one transaction, and undoes it when it rejects. */
  readonly transact: <Result>(work: (parts: RegistrationWork) => Promise<Result>) => Promise<Result>
  /** Its own address. */
  readonly endpoint: string
  /** So many octets from a cryptographic source. */
  readonly random: (octets: number) => Uint8Array
  readonly now: () => Date
}

export interface DynamicRegistration extends ClientConfiguration {
  /** @param bearer the initial access token, if one was sent */
  register(bearer: string | undefined, unverified: unknown): Promise<RegistrationAnswer>
}

/** RFC 7591 §3, with initial access tokens. A token is spent by a client that was registered, not by a mistake. */
export function createDynamicRegistration(deps: DynamicRegistrationDependencies): DynamicRegistration {
  const { transact, endpoint, random, now } = deps

  /** RFC 7592 §3: every answer says where the client is looked after, and by which token. */
  const answerWith = (
    status: 200 | 201,
    { client, clientSecret }: ChangedClient,
    token: string,
  ): RegistrationAnswer => ({
    status,
    body: {
      ...toClientMetadata(client),
      // RFC 7591 §3.2.1: 0 is a secret that does not expire
      ...(clientSecret === undefined ? {} : { client_secret: clientSecret, client_secret_expires_at: 0 }),
      registration_client_uri: `${endpoint}/${encodeURIComponent(client.clientId)}`,
      registration_access_token: token,
    },
  })

  return {
    ...createClientConfiguration({ transact, answerWith }),

    register: (bearer, unverified) =>
      transact(async ({ clients, tokens, configurationTokens, tell }) => {
        const digest = digestRegistrationToken(bearer ?? '')
        const token = bearer === undefined ? undefined : await tokens.find(digest, now())
        if (token === undefined) return REFUSED_TOKEN

        const metadata = readMetadata(unverified)
        if ('status' in metadata) return metadata
        const fields = { ...toRegistrationFields(metadata.fields), owner: token.owner }
        try {
          clients.verify(fields)
        } catch (fault) {
          return refusalOf(fault)
        }
        if (!(await tokens.take(digest, now()))) return REFUSED_TOKEN
        const added = await clients.add(fields)
        const { clientId } = added.client
        const configurationToken = drawRegistrationToken(random, 'configure')
        await configurationTokens.insert(clientId, digestRegistrationToken(configurationToken), now())
        await tell('registered_itself', clientId)
        return answerWith(201, added, configurationToken)
      }),
  }
}
