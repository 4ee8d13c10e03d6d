import { z } from 'zod'
import { Refusal } from '../../../error-registry/refusal.ts'
import type { ClientView } from '../../../relying-party/client-view.ts'
import { differencesOf } from '../../../relying-party/differences.ts'
import type { Translate } from '../../messages.ts'
import {
  definePage,
  go,
  page,
  type Confirmation,
  type PageAnswer,
  type PageRequest,
  type PageRoute,
} from '../define-page.ts'
import { labelOf, writeValue } from './describe-site.ts'
import { drawForm } from './draw-form.ts'
import { explainFaults, type FormFaults } from './form/explain-faults.ts'
import { FORM_FIELDS } from './form/form-fields.ts'
import { readForm } from './form/read-form.ts'
import { formValuesOf, shownFields, type FormValues } from './form/write-form.ts'
import { isRefusedFor, refuseClient } from './refuse-client.ts'
import { formSchema, textsOf } from './register-pages.ts'
import { siteAddress } from './site-address.ts'
import type { SiteDependencies } from './site-dependencies.ts'

const FORM_BYTES = 64 * 1024

/** Says of a form that it cannot be carried out as it is: it is drawn again (`invalid`). */
const unfit = (reason: 'changed' | 'subjects'): z.ZodError =>
  new z.ZodError([{ code: 'custom', path: [reason], message: reason, input: undefined }])

/**
 * Changes a registration. The form carries the version it was made from; whoever was slower is shown what the other one changed, beside
 * what they wrote, and nothing is lost on either side (attack 44).
 */
export function createEditPages({ work }: SiteDependencies): PageRoute[] {
  const show = (clientId: string): Promise<ClientView> => work.clients.show(clientId).catch(refuseClient)

  const draw = async (
    { t, params }: Pick<PageRequest, 't' | 'params'>,
    written?: {
      readonly values: FormValues
      readonly faults: FormFaults
      readonly asks?: 'changed' | 'subjects' | undefined
    },
  ): Promise<PageAnswer> => {
    const client = await show(params['clientId'] ?? '')
    const stands = formValuesOf(client)
    const values = written === undefined ? stands : { ...stands, ...asSent(written.values) }
    const shown = [...new Set([...shownFields(client), ...shownOf(written?.values)])]
    const status = written?.asks === 'changed' ? 409 : written === undefined ? 200 : 422
    return page(
      'admin/relying-parties/edit',
      'admin.sites.edit.title',
      {
        client: { clientId: client.clientId, version: client.version, href: siteAddress(client.clientId) },
        form: drawForm({ shown, values, faults: written?.faults ?? {}, t }),
        conflict: written?.asks === 'changed' ? conflictOf(client, written.values, t) : undefined,
        asksForSubjects: written?.asks === 'subjects',
      },
      status,
    )
  }

  /** @throws ZodError for a form that must be drawn again, Refusal for one that cannot be mended */
  const preview = async ({ params, fields }: Pick<PageRequest<FormValues>, 'params' | 'fields'>) => {
    const clientId = params['clientId'] ?? ''
    const standing = await show(clientId)
    const changes = readForm(fields, shownOf(fields), standing.grantTypes)
    const options = { version: versionOf(fields), allowNewSubjects: fields['allowNewSubjects'] === 'yes' }
    try {
      const { before, after } = await work.clients.preview(clientId, changes, options)
      return { clientId, changes, options, before, after }
    } catch (fault) {
      if (isRefusedFor(fault, 'CLIENT_CHANGED')) throw unfit('changed')
      if (isRefusedFor(fault, 'CLIENT_SUBJECTS_WOULD_CHANGE')) throw unfit('subjects')
      return refuseClient(fault)
    }
  }

  const drawAgain = (request: Pick<PageRequest, 't' | 'params'>, values: FormValues, fault: z.ZodError) => {
    const [asked] = fault.issues.map(({ path: [reason] }) => reason)
    const asks = asked === 'changed' || asked === 'subjects' ? asked : undefined
    return draw(request, { values, faults: asks === undefined ? explainFaults(fault, request.t) : {}, asks })
  }

  return [
    definePage({
      method: 'get',
      path: '/relying-parties/:clientId/edit',
      act: 'relying-parties.check',
      handle: (request) => draw(request),
    }),
    definePage({
      method: 'post',
      path: '/relying-parties/:clientId/edit',
      act: 'relying-parties.edit',
      formBytes: FORM_BYTES,
      form: formSchema,
      invalid: (request, fault) => drawAgain(request, textsOf(request.fields), fault),
      async confirm(request): Promise<Confirmation> {
        const { clientId, before, after } = await preview(request)
        return {
          titleKey: 'admin.sites.confirm.edit',
          facts: [
            { label: request.t('admin.sites.other.clientId'), value: clientId },
            ...changesBetween(before, after, request.t),
          ],
        }
      },
      async handle(request) {
        try {
          const { clientId, changes, options } = await preview(request)
          const { clientSecret, client } = await work.change(request.actor, (clients) =>
            clients.update(clientId, changes, options),
          )
          if (clientSecret === undefined) return go(siteAddress(clientId), 'site-changed')
          return page('admin/relying-parties/registered', 'admin.sites.secret.title', {
            clients: [{ clientId, displayName: client.displayName, clientSecret }],
          })
        } catch (fault) {
          // between the look and the tap somebody was faster
          if (fault instanceof z.ZodError) return drawAgain(request, request.fields, fault)
          if (isRefusedFor(fault, 'CLIENT_CHANGED')) return drawAgain(request, request.fields, unfit('changed'))
          return refuseClient(fault)
        }
      },
    }),
  ]
}

function shownOf(values: FormValues | undefined): readonly string[] {
  const names = (values?.['shown'] ?? '').split(' ')
  return FORM_FIELDS.map(({ name }) => name).filter((name) => names.includes(name))
}

function versionOf(values: FormValues): number {
  const { version = '' } = values
  if (!/^[1-9]\d{0,8}$/.test(version)) throw new Refusal('ADMIN_FORM_INVALID', 'no version')
  return Number(version)
}

/** `before → after` of every field that is another; what has no secret in it. */
function changesBetween(before: ClientView, after: object, t: Translate) {
  const { status: _s, version: _v, createdAt: _c, updatedAt: _u, disabledAt: _d, secrets: _x, ...standing } = before
  const nothing = t('admin.sites.conflict.empty')
  const changes = differencesOf(standing, after).map(({ field, before: old, after: becomes }) => ({
    label: labelOf(field, t),
    value: `${writeValue(old, t) || nothing} → ${writeValue(becomes, t) || nothing}`,
  }))
  return changes.length > 0 ? changes : [{ label: t('admin.sites.confirm.changes'), value: nothing }]
}

/** A box that is not ticked is not sent. */
function asSent(values: FormValues): FormValues {
  return { ...Object.fromEntries(shownOf(values).map((name) => [name, ''])), ...values }
}

/** Where the form and what stands now differ. */
function conflictOf(client: ClientView, written: FormValues, t: Translate) {
  const stands = formValuesOf(client)
  return shownOf(written)
    .filter((name) => normal(written[name]) !== normal(stands[name]))
    .map((name) => ({
      label: labelOf(name, t),
      now: worded(stands[name] ?? '', t),
      yours: worded(written[name] ?? '', t),
    }))
}

function worded(text: string, t: Translate): string {
  return text === 'yes' ? t('admin.sites.yes') : text
}

/** Browsers send line ends their own way. */
function normal(text = ''): string {
  return text.replaceAll('\r\n', '\n').trim()
}
