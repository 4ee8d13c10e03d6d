import { z } from 'zod'
import { refused, type RegistrationAnswer } from './registration-answer.ts'

/** @returns the fields, or why they are none */
export function readMetadata(
  unverified: unknown,
): { readonly fields: Readonly<Record<string, unknown>> } | RegistrationAnswer {
  const { data } = z.record(z.string(), z.unknown()).safeParse(unverified)
  if (data === undefined) return refused('invalid_client_metadata', 'the metadata must be a JSON object')
  const { response_types: types } = data
  // there is no other flow than the one with a code
  if (types === undefined || (Array.isArray(types) && types.every((type) => type === 'code'))) return { fields: data }
  return refused('invalid_client_metadata', 'response_types: only code is supported')
}
