import type { UnverifiedFields } from '../../../../relying-party/client-administration.ts'
import { FORM_FIELDS, type FormField } from './form-fields.ts'
import type { FormValues } from './write-form.ts'

/**
 * The fields of a registration as a form has them, not yet verified: its rules are those of `relying-party/registration.ts`, and nobody
 * else's. An empty text is `null`, which takes a field back to its default.
 *
 * @param shown the fields that the form had; all others stay as they are
 * @param standing the grant types of a client that is registered already: a form ticks some of them
 */
export function readForm(
  values: FormValues,
  shown: readonly string[],
  standing: readonly string[] = ['authorization_code'],
): UnverifiedFields {
  const fields: Record<string, unknown> = {}
  const grants = new Set(standing)
  for (const field of FORM_FIELDS.filter(({ name }) => shown.includes(name))) {
    const text = values[field.name] ?? ''
    const [outer = '', inner] = field.name.split('.')
    if (field.input === 'grant') {
      if (text === 'yes') grants.add(inner ?? '')
      else grants.delete(inner ?? '')
      fields['grantTypes'] = [...grants]
    } else if (inner === undefined) fields[outer] = valueOf(field, text)
    else {
      const value = valueOf(field, text)
      fields[outer] = { ...(fields[outer] as object | undefined), ...(value === null ? {} : { [inner]: value }) }
    }
  }
  return fields
}

/** Of a form of a new client: there is no default to go back to. */
export function withoutEmpty(fields: UnverifiedFields): UnverifiedFields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
}

function valueOf({ input }: FormField, text: string): unknown {
  const trimmed = text.trim()
  switch (input) {
    case 'tick':
      return text === 'yes'
    case 'lines':
      return linesOf(text)
    case 'resources':
      return linesOf(text).map((line) => {
        const [resource, ...scopes] = line.split(/\s+/)
        return { resource, scopes }
      })
    case 'descriptions':
      return trimmed === '' ? null : Object.fromEntries(linesOf(text).map(descriptionOf))
    case 'number':
      return trimmed === '' ? null : Number(trimmed)
    case 'json':
      return trimmed === '' ? null : parse(trimmed)
    case 'choice':
    case 'grant':
    case 'line':
      return trimmed === '' ? null : trimmed
  }
}

/** `scope | 日本語 | English` */
function descriptionOf(line: string): [string, unknown] {
  const [scope = '', ja, en] = line.split('|').map((part) => part.trim())
  return [scope, { ja, en }]
}

function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** What is no JSON is handed on as it is, and refused by the schema like anything else that is no key set. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
