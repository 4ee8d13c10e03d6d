import { z } from 'zod'
import { Refusal } from '../../../error-registry/refusal.ts'
import { importClients, MAX_IMPORTED, readImport, type ImportedLine } from '../../../relying-party/import-clients.ts'
import type { Translate } from '../../messages.ts'
import { definePage, page, type PageRoute } from '../define-page.ts'
import { explainFault } from './form/explain-faults.ts'
import { refuseClient } from './refuse-client.ts'
import type { SiteDependencies } from './site-dependencies.ts'

const FORM_BYTES = 512 * 1024
const form = z.strictObject({ lines: z.string().max(400_000) })

/** Many at once: first a look at every line, then all of them, or none (attack 44). */
export function createImportPages({ work, drawId }: SiteDependencies): PageRoute[] {
  const read = (text: string) => readImport(text, { clients: work.clients, drawId })
  const empty = { lines: '', rows: undefined, isFaulty: false, isEmpty: false, count: 0, max: String(MAX_IMPORTED) }

  return [
    definePage({
      method: 'get',
      path: '/import-relying-parties',
      act: 'relying-parties.check',
      handle: () => page('admin/relying-parties/import', 'admin.sites.import.title', empty),
    }),
    definePage({
      method: 'post',
      path: '/import-relying-parties/check',
      act: 'relying-parties.check',
      formBytes: FORM_BYTES,
      form,
      async handle({ fields: { lines: text }, t }) {
        const lines = await read(text)
        const isFaulty = lines.some(({ faults }) => faults.length > 0)
        return page(
          'admin/relying-parties/import',
          'admin.sites.import.title',
          {
            ...empty,
            rows: lines.map((line) => rowOf(line, t)),
            isFaulty,
            isEmpty: lines.length === 0,
            count: lines.length,
            // with the ids that were drawn: what is looked at is what is carried out
            lines: isFaulty ? text : lines.map(({ fields }) => JSON.stringify(fields)).join('\n'),
          },
          isFaulty ? 422 : 200,
        )
      },
    }),
    definePage({
      method: 'post',
      path: '/import-relying-parties',
      act: 'relying-parties.register',
      formBytes: FORM_BYTES,
      form,
      async confirm({ fields, t }) {
        const lines = requireFaultless(await read(fields.lines))
        return {
          titleKey: 'admin.sites.confirm.import',
          facts: [
            { label: t('admin.sites.confirm.count'), value: String(lines.length) },
            ...lines.map((line) => ({ label: rowOf(line, t).name, value: rowOf(line, t).clientId })),
          ],
          note: t('admin.sites.confirm.registerNote'),
        }
      },
      async handle({ actor, fields }) {
        const added = await work
          .change(actor, async (clients) => {
            const lines = requireFaultless(await readImport(fields.lines, { clients, drawId }))
            return importClients(lines, clients)
          })
          .catch(refuseClient)
        return page('admin/relying-parties/registered', 'admin.sites.registered.title', {
          clients: added.map(({ client: { clientId, displayName }, clientSecret }) => ({
            clientId,
            displayName,
            clientSecret,
          })),
        })
      },
    }),
  ]
}

function requireFaultless(lines: readonly ImportedLine[]): readonly ImportedLine[] {
  const faulty = lines.find(({ faults }) => faults.length > 0)
  if (faulty !== undefined || lines.length === 0) {
    throw new Refusal('ADMIN_CLIENT_INVALID', `line ${String(faulty?.number ?? 0)} of an import`)
  }
  return lines
}

function rowOf({ number, fields, faults }: ImportedLine, t: Translate) {
  const names = fields['displayName'] as { readonly ja?: unknown; readonly en?: unknown } | undefined
  const text = (value: unknown): string => (typeof value === 'string' ? value : '')
  return {
    number,
    clientId: text(fields['clientId']),
    name: [text(names?.ja), text(names?.en)].filter((name) => name !== '').join(' / '),
    faults: faults.map((fault) => `${fault.field === '' ? '' : `${fault.field}: `}${explainFault(fault, t)}`),
  }
}
