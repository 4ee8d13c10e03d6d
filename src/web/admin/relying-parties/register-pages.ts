import { z } from 'zod'
import { Refusal } from '../../../error-registry/refusal.ts'
import type { UnverifiedFields } from '../../../relying-party/client-administration.ts'
import { definePage, page, type PageAnswer, type PageRequest, type PageRoute } from '../define-page.ts'
import { describeFields } from './describe-site.ts'
import { drawForm } from './draw-form.ts'
import { explainFaults } from './form/explain-faults.ts'
import { readForm, withoutEmpty } from './form/read-form.ts'
import { FIELDS_OF_KIND, isSiteKind, SITE_KINDS, type SiteKind } from './form/site-kind.ts'
import { emptyForm, fieldsOfKind, type FormValues } from './form/write-form.ts'
import { isRefusedFor, refuseClient } from './refuse-client.ts'
import type { SiteDependencies } from './site-dependencies.ts'

const FORM_BYTES = 64 * 1024
/** Every field of the form is a text; what they mean is read by `readForm`, and judged by the registration. */
export const formSchema = z.record(z.string(), z.string().max(32_768))

/** First the kind, then its questions, then everything once more beside the card, then the secret, once. */
export function createRegisterPages({ work, drawId }: SiteDependencies): PageRoute[] {
  const draw = (
    { t, params }: Pick<PageRequest, 't' | 'params'>,
    values: FormValues,
    fault?: z.ZodError,
  ): PageAnswer => {
    const kind = requireKind(params)
    const form = drawForm({
      shown: fieldsOfKind(kind),
      values,
      faults: fault === undefined ? {} : explainFaults(fault, t),
      t,
    })
    return page('admin/relying-parties/register', 'admin.sites.new.title', {
      kind,
      form,
      clientId: values['clientId'] ?? drawId(),
    })
  }

  return [
    definePage({
      method: 'get',
      path: '/new-relying-party',
      act: 'relying-parties.check',
      handle: () => page('admin/relying-parties/kinds', 'admin.sites.new.title', { kinds: SITE_KINDS }),
    }),
    definePage({
      method: 'get',
      path: '/new-relying-party/:kind',
      act: 'relying-parties.check',
      handle: (request) => draw(request, emptyForm()),
    }),
    definePage({
      method: 'post',
      path: '/new-relying-party/:kind',
      act: 'relying-parties.register',
      formBytes: FORM_BYTES,
      form: formSchema,
      invalid: (request, fault) => draw(request, textsOf(request.fields), fault),
      async confirm({ params, fields, t }) {
        const registration = registrationOf(requireKind(params), fields)
        work.clients.verify(registration)
        await refuseKnownId(work, String(registration['clientId']))
        return {
          titleKey: 'admin.sites.confirm.register',
          facts: describeFields(registration, t),
          note: t('admin.sites.confirm.registerNote'),
        }
      },
      async handle({ actor, params, fields }) {
        const registration = registrationOf(requireKind(params), fields)
        const { client, clientSecret } = await work
          .change(actor, (clients) => clients.add(registration))
          .catch(refuseClient)
        return page('admin/relying-parties/registered', 'admin.sites.registered.title', {
          clients: [{ clientId: client.clientId, displayName: client.displayName, clientSecret }],
        })
      },
    }),
  ]
}

function registrationOf(kind: SiteKind, values: FormValues): UnverifiedFields {
  const { clientId } = values
  if (clientId === undefined || !/^[\w-]{22}$/.test(clientId)) throw new Refusal('ADMIN_FORM_INVALID', 'no drawn id')
  const { grantTypes } = FIELDS_OF_KIND[kind]
  const fields = readForm(values, fieldsOfKind(kind), grantTypes as readonly string[] | undefined)
  return { clientId, ...FIELDS_OF_KIND[kind], ...withoutEmpty(fields) }
}

/** The same form sent twice does not make a second client. */
async function refuseKnownId({ clients }: SiteDependencies['work'], clientId: string): Promise<void> {
  const known = await clients.show(clientId).catch((fault: unknown) => {
    if (!isRefusedFor(fault, 'CLIENT_UNKNOWN')) throw fault
    return undefined
  })
  if (known !== undefined) throw new Refusal('ADMIN_CLIENT_EXISTS', clientId)
}

function requireKind({ kind }: Readonly<Record<string, string>>): SiteKind {
  if (!isSiteKind(kind)) throw new Refusal('SERVER_PAGE_NOT_FOUND', 'no such kind of site')
  return kind
}

export function textsOf(fields: Readonly<Record<string, unknown>>): FormValues {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])),
  )
}
