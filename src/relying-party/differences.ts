import { isDeepStrictEqual } from 'node:util'

/** What of a registration is another. */
export interface FieldDifference {
  /** Dotted one level into what is an object: `displayName.ja`. */
  readonly field: string
  readonly before: unknown
  readonly after: unknown
}

/** Field by field, in order of their names; what is undefined on both sides is no difference. */
export function differencesOf(before: object, after: object): readonly FieldDifference[] {
  const [one, other] = [flatten(before), flatten(after)]
  return [...new Set([...one.keys(), ...other.keys()])]
    .toSorted()
    .map((field) => ({ field, before: one.get(field), after: other.get(field) }))
    .filter((difference) => !isDeepStrictEqual(difference.before, difference.after))
}

function flatten(fields: object): Map<string, unknown> {
  const flat = new Map<string, unknown>()
  for (const [field, value] of Object.entries(fields) as [string, unknown][]) {
    if (!isPlainObject(value)) flat.set(field, value)
    else for (const [part, inner] of Object.entries(value) as [string, unknown][]) flat.set(`${field}.${part}`, inner)
  }
  return flat
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
