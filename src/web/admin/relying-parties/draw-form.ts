import type { Translate } from '../../messages.ts'
import type { FormFaults } from './form/explain-faults.ts'
import { FORM_SECTIONS, type FormField } from './form/form-fields.ts'
import type { FormValues } from './form/write-form.ts'

/** One field as views/partials/admin-site-field.ejs draws it. */
export interface DrawnField extends Omit<FormField, 'kinds' | 'options'> {
  readonly id: string
  readonly label: string
  readonly hint: string
  readonly value: string
  readonly faults: readonly string[]
  readonly options: readonly { readonly value: string; readonly label: string }[]
}

export interface DrawnForm {
  readonly sections: readonly {
    readonly name: string
    readonly title: string
    readonly text: string
    readonly fields: readonly DrawnField[]
  }[]
  /** At the top of the form: every fault, with a link to its field where it has one. */
  readonly faults: readonly { readonly id: string | undefined; readonly label: string; readonly text: string }[]
  /** The names of the fields, for `readForm` when it comes back. */
  readonly shown: string
}

/** The fields of a form in their sections, each with its value and what is wrong with it. */
export function drawForm({
  shown,
  values,
  faults,
  t,
}: {
  readonly shown: readonly string[]
  readonly values: FormValues
  readonly faults: FormFaults
  readonly t: Translate
}): DrawnForm {
  const sections = FORM_SECTIONS.map(({ name, fields }) => ({
    name,
    title: t(`admin.sites.sections.${name}`),
    text: t(`admin.sites.sectionTexts.${name}`),
    fields: fields.filter((field) => shown.includes(field.name)).map((field) => drawField(field, values, faults, t)),
  })).filter(({ fields }) => fields.length > 0)
  const drawn = sections.flatMap(({ fields }) => fields)
  return {
    sections,
    faults: Object.entries(faults).flatMap(([name, texts]) => {
      const at = drawn.find((field) => field.name === name)
      return texts.map((text) => ({ id: at?.id, label: at?.label ?? '', text }))
    }),
    shown: shown.join(' '),
  }
}

function drawField(
  { kinds: _kinds, options = [], ...field }: FormField,
  values: FormValues,
  faults: FormFaults,
  t: Translate,
): DrawnField {
  const { name } = field
  return {
    ...field,
    id: idOf(name),
    label: t(`admin.sites.fields.${name}.label`),
    hint: t(`admin.sites.fields.${name}.hint`),
    value: values[name] ?? '',
    faults: faults[name] ?? [],
    options: options.map((value) => ({ value, label: optionLabel(name, value, t) })),
  }
}

export function idOf(name: string): string {
  return `field-${name.replaceAll('.', '-')}`
}

/** Those that are words of ours; names of algorithms speak for themselves. */
const WORDED = ['tokenEndpointAuthMethod', 'subjectType', 'revocationPolicy', 'profile', 'accessTokenFormat']

function optionLabel(name: string, value: string, t: Translate): string {
  if (value === '') return t('admin.sites.options.any')
  const word = name.split('.').at(-1) ?? ''
  return WORDED.includes(word) ? t(`admin.sites.options.${word}.${value}`) : value
}
