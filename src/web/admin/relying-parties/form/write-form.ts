import type { ClientView } from '../../../../relying-party/client-view.ts'
import { FORM_FIELDS, type FormField } from './form-fields.ts'
import { kindOf, type SiteKind } from './site-kind.ts'

/** The texts of a form, by the names of its fields. */
export type FormValues = Readonly<Record<string, string>>

/** A registration as the texts of its form: what `readForm` reads back. */
export function formValuesOf(client: ClientView): FormValues {
  return Object.fromEntries(FORM_FIELDS.map((field) => [field.name, textOf(client, field)]))
}

/** What an empty form says. */
export function emptyForm(): FormValues {
  return Object.fromEntries(FORM_FIELDS.map((field) => [field.name, usualTextOf(field)]))
}

/** The fields that a form of this client shows: those of its kind, and what else is set. */
export function shownFields(client: ClientView): readonly string[] {
  const values = formValuesOf(client)
  const kind = kindOf(client)
  return FORM_FIELDS.filter((field) => field.kinds.includes(kind) || values[field.name] !== usualTextOf(field)).map(
    ({ name }) => name,
  )
}

export function fieldsOfKind(kind: SiteKind): readonly string[] {
  return FORM_FIELDS.filter(({ kinds }) => kinds.includes(kind)).map(({ name }) => name)
}

function usualTextOf({ input, options: [first = ''] = [] }: FormField): string {
  return input === 'choice' ? first : ''
}

function textOf(client: ClientView, field: FormField): string {
  const value = valueAt(client, field.name)
  switch (field.input) {
    case 'tick':
      return value === true ? 'yes' : ''
    case 'grant':
      return (client.grantTypes as readonly string[]).includes(field.name.split('.')[1] ?? '') ? 'yes' : ''
    case 'lines':
      return ((value ?? []) as readonly string[]).join('\n')
    case 'json':
      return value === undefined ? '' : JSON.stringify(value, null, 2)
    case 'resources':
      return client.resources.map(({ resource, scopes }) => [resource, ...scopes].join(' ')).join('\n')
    case 'descriptions':
      return Object.entries(client.scopeDescriptions ?? {})
        .map(([scope, { ja, en }]) => `${scope} | ${ja} | ${en}`)
        .join('\n')
    case 'choice':
      return typeof value === 'string' ? value : usualTextOf(field)
    case 'line':
    case 'number':
      return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  }
}

function valueAt(client: object, name: string): unknown {
  return name
    .split('.')
    .reduce<unknown>((inner, part) => (inner as Readonly<Record<string, unknown>> | undefined)?.[part], client)
}
