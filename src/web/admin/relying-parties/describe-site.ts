import type { Translate } from '../../messages.ts'
import { FORM_FIELDS } from './form/form-fields.ts'

/** What of a registration is said in the words of its form; all else by the name of its field. */
export function labelOf(field: string, t: Translate): string {
  const asked = FORM_FIELDS.find(({ name }) => name === field)
  if (asked !== undefined) return t(`admin.sites.fields.${asked.name}.label`)
  return OTHER_LABELS.includes(field) ? t(`admin.sites.other.${field}`) : field
}

const OTHER_LABELS = ['clientId', 'applicationType', 'grantTypes', 'status']

/** Every field that says something, as a line of a list. */
export function describeFields(
  fields: Readonly<Record<string, unknown>>,
  t: Translate,
): readonly { readonly label: string; readonly value: string }[] {
  return Object.entries(fields).flatMap(([field, value]) => {
    if (isObject(value) && field !== 'jwks' && field !== 'scopeDescriptions') {
      return Object.entries(value).flatMap(([part, inner]) => line(`${field}.${part}`, inner, t))
    }
    return line(field, value, t)
  })
}

function line(field: string, value: unknown, t: Translate) {
  const text = writeValue(value, t)
  return text === '' ? [] : [{ label: labelOf(field, t), value: text }]
}

/** A value of a registration for people to read: never a secret, since none is in it. */
export function writeValue(value: unknown, t: Translate): string {
  if (value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)) return ''
  if (typeof value === 'boolean') return t(value ? 'admin.sites.yes' : 'admin.sites.no')
  if (Array.isArray(value)) {
    return value
      .map((item: unknown) => (isResource(item) ? [item.resource, ...item.scopes].join(' ') : writeValue(item, t)))
      .join('\n')
  }
  if (isObject(value)) {
    const { keys } = value as { readonly keys?: unknown }
    return Array.isArray(keys) ? keys.map(describeKey).join('\n') : JSON.stringify(value)
  }
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Of a public key what tells it from others. */
function describeKey(key: unknown): string {
  const { kid, kty, crv, alg } = key as Readonly<Record<string, unknown>>
  return [kid, kty, crv, alg].filter((word) => typeof word === 'string').join(' · ')
}

function isResource(item: unknown): item is { readonly resource: string; readonly scopes: readonly string[] } {
  return isObject(item) && 'resource' in item && 'scopes' in item && Array.isArray(item.scopes)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}
