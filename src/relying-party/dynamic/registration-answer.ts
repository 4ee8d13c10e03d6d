import { z } from 'zod'
import { ClientRefused } from '../client-refused.ts'
import { metadataNameOf } from './client-metadata.ts'

/** As RFC 7591 §3.2 and RFC 7592 §2 answer: a client, nothing, or an error for the program that asked. */
export interface RegistrationAnswer {
  readonly status: 200 | 201 | 204 | 400 | 401
  readonly body: Readonly<Record<string, unknown>>
}

export const REFUSED_TOKEN: RegistrationAnswer = {
  status: 401,
  body: { error: 'invalid_token', error_description: 'a token is needed that is neither spent nor over' },
}

/** RFC 6749 §5.2: printable ASCII without quotes and backslashes. */
export function refused(error: string, description: string): RegistrationAnswer {
  return {
    status: 400,
    body: { error, error_description: description.replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?') },
  }
}

/** What a registration was refused for. @throws whatever is no fault of the program that asked */
export function refusalOf(fault: unknown): RegistrationAnswer {
  if (fault instanceof z.ZodError) return refusedFields(fault)
  if (fault instanceof ClientRefused) return refused('invalid_client_metadata', fault.message)
  throw fault
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
