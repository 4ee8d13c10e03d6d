import type { Translate } from '../../messages.ts'
import type { Locale } from '../../locale.ts'
import { ERROR_REGISTRY, type ErrorCode } from '../../../error-registry/registry.ts'
import type { HealthSummary } from '../../../observability/health/health-check.ts'
import { writeMoment } from '../../describe-overview.ts'
import type { AdminRoutes } from '../admin-routes.ts'
import { definePage, page } from '../define-page.ts'
import { drawBars } from './draw-bars.ts'
import { createOverviewApi } from './overview-api.ts'
import type { OverviewDependencies } from './overview-dependencies.ts'
import { beginOf, bucketsOf, RANGES, topRefusals, type Range, type SignInBucket } from './sign-in-buckets.ts'

const TOP_REFUSALS = 8

/** The first page: what happens, what is away, and what waits for somebody. */
export function createOverviewPages(deps: OverviewDependencies): AdminRoutes {
  const { counts, health, audit, openProposals, openCandidates, endingCertificates, now } = deps
  const overview = definePage({
    method: 'get',
    path: '',
    act: 'overview.read',
    nav: { key: 'overview', order: 10 },
    async handle({ query, locale, t }) {
      const range = (Object.keys(RANGES) as Range[]).find((one) => one === query['range']) ?? 'week'
      const at = now()
      const [since, { state, checks }, head, proposals, candidates, certificates] = await Promise.all([
        counts.since(beginOf(range, at)),
        health.read(),
        audit.head(),
        openProposals(),
        openCandidates(),
        endingCertificates(),
      ])
      const buckets = bucketsOf(range, since, at)
      return page('admin/overview/overview', 'admin.overview.title', {
        range,
        ranges: Object.keys(RANGES),
        chart: drawSignIns(buckets, range, locale, t),
        rows: buckets
          .map(({ begin, succeeded, refused }) => ({ at: writeMoment(begin, locale), succeeded, refused }))
          .reverse(),
        total: {
          succeeded: buckets.reduce((sum, { succeeded }) => sum + succeeded, 0),
          refused: buckets.reduce((sum, { refused }) => sum + refused, 0),
        },
        refusals: topRefusals(since, TOP_REFUSALS).map((refusal) => describeRefusal(refusal, t)),
        state,
        checks: checks.map((check) => describeCheck(check, t)),
        waiting: { proposals, candidates },
        certificates: certificates?.map(({ month, count }) => ({ month: writeMonth(month, locale), count })),
        sealing: {
          sealedAt: head.seal && writeMoment(head.seal.sealedAt, locale),
          number: head.seal?.number,
          unsealed: String(head.lastSequence - (head.seal?.lastSequence ?? 0n)),
        },
      })
    },
  })
  return { pages: [overview], api: createOverviewApi(deps) }
}

function drawSignIns(buckets: readonly SignInBucket[], range: Range, locale: Locale, t: Translate): string {
  const bars = buckets.map(({ begin, succeeded, refused }) => ({
    label: LABELS[range === 'day' ? 'hour' : 'day'][locale].format(begin),
    parts: [
      { className: 'chart-good', value: succeeded },
      { className: 'chart-refused', value: refused },
    ],
  }))
  return drawBars(bars, { id: 'sign-ins-chart', title: t('admin.overview.signIns.chart') })
}

/** A code of another release has no words here. */
function describeRefusal({ code, count }: { readonly code: string; readonly count: number }, t: Translate) {
  const href = `/admin/audit?${new URLSearchParams({ type: 'sign_in.refused', code }).toString()}`
  if (!Object.hasOwn(ERROR_REGISTRY, code)) return { code, count, href, title: '', remedy: '', fixedBy: '' }
  return {
    code,
    count,
    href,
    title: t(`errors.${code}.title`),
    remedy: t(`errors.${code}.action`),
    fixedBy: t(`admin.overview.fixedBy.${ERROR_REGISTRY[code as ErrorCode].fixedBy}`),
  }
}

const KNOWN_CHECKS = ['database', 'short_lived', 'trust_anchors', 'signing_keys', 'change_feed', 'linkage']

function describeCheck({ name, state, ageSeconds, detail }: HealthSummary['checks'][number], t: Translate) {
  return {
    name: KNOWN_CHECKS.includes(name)
      ? t(`admin.overview.checks.${name}`)
      : t('admin.overview.checks.source', { name: name.replace(/^revocation_/, '') }),
    state,
    age: ageSeconds === 0 ? '' : t('admin.overview.age', { seconds: String(ageSeconds) }),
    detail: Object.entries(detail ?? {})
      .map(([key, value]) => `${key}: ${String(value)}`)
      .join(', '),
  }
}

const zone = { timeZone: 'Asia/Tokyo' } as const
const LABELS = {
  hour: {
    ja: new Intl.DateTimeFormat('ja-JP', { ...zone, hour: 'numeric' }),
    en: new Intl.DateTimeFormat('en-GB', { ...zone, hour: '2-digit', minute: '2-digit' }),
  },
  day: {
    ja: new Intl.DateTimeFormat('ja-JP', { ...zone, month: 'numeric', day: 'numeric' }),
    en: new Intl.DateTimeFormat('en-GB', { ...zone, day: 'numeric', month: 'short' }),
  },
} as const
const MONTHS = {
  ja: new Intl.DateTimeFormat('ja-JP', { ...zone, year: 'numeric', month: 'long' }),
  en: new Intl.DateTimeFormat('en-GB', { ...zone, year: 'numeric', month: 'long' }),
} as const

function writeMonth(month: Date, locale: Locale): string {
  return MONTHS[locale].format(month)
}
