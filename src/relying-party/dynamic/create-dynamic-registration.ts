import { z } from 'zod'
import type { ClientAdministration } from '../client-administration.ts'
import { metadataNameOf, toClientMetadata, toRegistrationFields } from './client-metadata.ts'
import { digestRegistrationToken, type RegistrationTokenStore } from './registration-token.ts'

export interface DynamicRegistrationDependencies {
  readonly clients: Pick<ClientAdministration, 'verify' | 'add'>
  readonly tokens: Pick<RegistrationTokenStore, 'find' | 'take'>
  /** Told of every client that was registered. */
  readonly onRegistered: (clientId: string) => Promise<void>
  readonly now: () => Date
}

/** As RFC 7591 §3.2 answers: a client, or an error for the program that asked. */
export interface RegistrationAnswer {
  readonly status: 201 | 400 | 401
  readonly body: Readonly<Record<string, unknown>>
}

export interface DynamicRegistration {
  /** @param bearer the initial access token, if one was sent */
  register(bearer: string | undefined, unverified: unknown): Promise<RegistrationAnswer>
}

const REFUSED_TOKEN: RegistrationAnswer = {
  status: 401,
  body: {
    error: 'invalid_token',
    error_description: 'an initial access token is needed that is neither spent nor over',
  },
}

/** RFC 7591 §3, with initial access tokens. A token is spent by a client that was registered, not by a mistake. */
export function createDynamicRegistration(deps: DynamicRegistrationDependencies): DynamicRegistration {
  const { clients, tokens, onRegistered, now } = deps
  return {
    async register(bearer, unverified) {
      const digest = digestRegistrationToken(bearer ?? '')
      const token = bearer === undefined ? undefined : await tokens.find(digest, now())
      if (token === undefined) return REFUSED_TOKEN

      const metadata = z.record(z.string(), z.unknown()).safeParse(unverified)
      if (!metadata.success) return refused('invalid_client_metadata', 'the metadata must be a JSON object')
      const unsupported = responseTypeFault(metadata.data)
      if (unsupported !== undefined) return refused('invalid_client_metadata', unsupported)
      const fields = { ...toRegistrationFields(metadata.data), owner: token.owner }
      try {
        clients.verify(fields)
      } catch (fault) {
        if (fault instanceof z.ZodError) return refusedFields(fault)
        throw fault
      }
      if (!(await tokens.take(digest, now()))) return REFUSED_TOKEN
      const { client, clientSecret } = await clients.add(fields)
      await onRegistered(client.clientId)
      // RFC 7591 §3.2.1: 0 is a secret that does not expire
      const secret = clientSecret === undefined ? {} : { client_secret: clientSecret, client_secret_expires_at: 0 }
      return { status: 201, body: { ...toClientMetadata(client), ...secret } }
    },
  }
}

/** There is no other flow than the one with a code. */
function responseTypeFault({ response_types: types }: Readonly<Record<string, unknown>>): string | undefined {
  if (types === undefined || (Array.isArray(types) && types.every((type) => type === 'code'))) return undefined
  return 'response_types: only code is supported'
}

/** RFC 7591 §3.2.2: redirect URIs have a code of their own. */
function refusedFields({ issues }: z.ZodError): RegistrationAnswer {
  const named = issues.map(({ path: [field, ...rest], message }) => ({
    name: [metadataNameOf(String(field ?? 'metadata')), ...rest.map(String)].join('.'),
    message,
  }))
  const isRedirect = named.some(({ name }) => name.startsWith('redirect_uris'))
  return refused(
    isRedirect ? 'invalid_redirect_uri' : 'invalid_client_metadata',
    named.map(({ name, message }) => `${name}: ${message}`).join('; '),
  )
}

/** RFC 6749 §5.2: printable ASCII without quotes and backslashes. */
function refused(error: string, description: string): RegistrationAnswer {
  return {
    status: 400,
    body: { error, error_description: description.replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?') },
  }
}
