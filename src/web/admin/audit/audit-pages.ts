import { z } from 'zod'
import { AUDIT_EVENT_TYPES } from '../../../audit/audit-event.ts'
import { verifyEvent } from '../../../audit/browse/verify-event.ts'
import { verifyPart } from '../../../audit/browse/verify-part.ts'
import { exportSealed } from '../../../audit/export/export-sealed.ts'
import { sealDigest } from '../../../audit/seal/audit-seal.ts'
import { Refusal } from '../../../error-registry/refusal.ts'
import { mayRole } from '../../../administration/permissions.ts'
import { writeMoment } from '../../describe-overview.ts'
import type { AdminRoutes } from '../admin-routes.ts'
import { definePage, page, type PageRoute } from '../define-page.ts'
import { createAuditApi } from './audit-api.ts'
import type { AuditDependencies } from './audit-dependencies.ts'
import { describeEvent } from './describe-event.ts'
import { queryOf, readFilter } from './read-filter.ts'

const EVENTS_ON_A_PAGE = 50
const SEQUENCE = /^[1-9]\d{0,17}$/

/** The log of what was done: to be looked through, taken along, and held against its seals. */
export function createAuditPages(deps: AuditDependencies): AdminRoutes {
  return { pages: [listPage(deps), verifyPage(deps), exportPage(deps), eventPage(deps)], api: createAuditApi(deps) }
}

function listPage({ browser, keepDays }: AuditDependencies): PageRoute {
  return definePage({
    method: 'get',
    path: '/audit',
    act: 'audit.read',
    nav: { key: 'audit', order: 40 },
    async handle({ query, locale, admin }) {
      const { filter, texts, faults } = readFilter(query)
      const before = SEQUENCE.test(query['before'] ?? '') ? BigInt(query['before'] ?? 0) : undefined
      const [{ events, older }, { seal, lastSequence }] = await Promise.all([
        browser.page(filter, { before, limit: EVENTS_ON_A_PAGE }),
        browser.head(),
      ])
      return page('admin/audit/list', 'admin.audit.title', {
        events: events.map((event) => describeEvent(event, locale)),
        texts,
        faults,
        types: AUDIT_EVENT_TYPES.toSorted(),
        isFiltered: queryOf(texts) !== '' || before !== undefined,
        olderHref: older === undefined ? undefined : `/admin/audit?${queryOf(texts, older)}`,
        newestHref: before === undefined ? undefined : `/admin/audit?${queryOf(texts)}`,
        // a page that is short although there is more: the search stopped after so many records
        isCutShort: older !== undefined && events.length < EVENTS_ON_A_PAGE,
        sealing: {
          number: seal?.number,
          at: seal && writeMoment(seal.sealedAt, locale),
          head: seal && `${seal.number}:${sealDigest(seal).toString('base64url')}`,
          unsealed: (lastSequence - (seal?.lastSequence ?? 0n)).toString(),
        },
        mayExport: mayRole(admin.role, 'audit.export'),
        keepDays: keepDays === undefined ? undefined : String(keepDays),
      })
    },
  })
}

function eventPage({ browser, keys }: AuditDependencies): PageRoute {
  return definePage({
    method: 'get',
    path: '/audit/:sequence',
    act: 'audit.read',
    async handle({ params: { sequence = '' }, locale }) {
      const event = SEQUENCE.test(sequence) ? await browser.event(BigInt(sequence)) : undefined
      if (event === undefined) throw new Refusal('ADMIN_EVENT_NOT_FOUND')
      const seal = await verifyEvent({ browser, keys: (await keys()).byId, sequence: event.sequence })
      return page('admin/audit/event', 'admin.audit.event.title', {
        event: {
          ...describeEvent(event, locale),
          exactly: event.at,
          credentialId: event.credentialId ?? '',
          details: JSON.stringify(event.details, null, 2),
        },
        seal: seal.state === 'unsealed' ? seal : { ...seal, at: writeMoment(seal.sealedAt, locale) },
      })
    },
  })
}

/** Part by part, each page the next one, until something is wrong or all of it was looked at: however long the log is, nobody waits long. */
function verifyPage({ browser, keys }: AuditDependencies): PageRoute {
  return definePage({
    method: 'get',
    path: '/audit/verify',
    act: 'audit.read',
    async handle({ query, locale }) {
      const head = (await browser.head()).seal?.number ?? 0
      const after = SEQUENCE.test(query['after'] ?? '') ? Math.min(Number(query['after']), head) : 0
      const { upTo, findings, truncated, events, pruned } = await verifyPart({
        browser,
        keys: (await keys()).byId,
        after,
        upTo: head,
      })
      const isDone = upTo >= head
      const nextHref = isDone ? undefined : `/admin/audit/verify?after=${upTo}&lang=${locale}`
      return {
        ...page('admin/audit/verify', 'admin.audit.verify.title', {
          from: String(Math.min(after + 1, upTo)),
          upTo: String(upTo),
          head: String(head),
          counts: { events: String(events), pruned: String(pruned) },
          findings: findings.map((finding) => ({
            fault: finding.fault,
            place: 'sequence' in finding ? finding.sequence.toString() : String(finding.seal),
            href: 'sequence' in finding ? `/admin/audit/${finding.sequence}` : undefined,
          })),
          truncated,
          isDone,
          nextHref,
        }),
        ...(nextHref === undefined || findings.length > 0 ? {} : { refreshTo: nextHref }),
      }
    },
  })
}

/** A form, so that it is recorded who took the log along. */
function exportPage({ browser, keys, now }: AuditDependencies): PageRoute {
  return definePage({
    method: 'post',
    path: '/audit/export',
    act: 'audit.export',
    form: z.strictObject({
      format: z.enum(['jsonl', 'csv']),
      after: z
        .string()
        .regex(/^\d{0,15}$/)
        .default('')
        .transform(Number),
    }),
    async handle({ fields: { format, after } }) {
      const day = now().toISOString().slice(0, 10)
      return {
        kind: 'file',
        name: `sekisho-audit-${day}${after === 0 ? '' : `-after-${after}`}.${format}`,
        type: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl; charset=utf-8',
        content: exportSealed({ browser, format, after, keys: (await keys()).jwks }),
      }
    },
  })
}
