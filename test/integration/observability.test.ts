import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createMetrics, type Metrics } from '../../src/observability/metrics/create-metrics.ts'
import { answerTicket, beginSignIn, claimTicket, complete, openTicket } from '../support/hand-ceremony.ts'
import { createPostgresDatabase, type PostgresDatabase } from '../support/postgres.ts'
import {
  startProvidersOnOneDatabase,
  type ListeningProvider,
  type ProvidersOnOneDatabase,
} from '../support/providers-on-one-database.ts'
import { answerByHand } from '../support/whole-system.ts'

let postgres: PostgresDatabase
let providers: ProvidersOnOneDatabase
let provider: ListeningProvider
let metrics: Metrics

beforeAll(async () => {
  postgres = await createPostgresDatabase()
  providers = await startProvidersOnOneDatabase(postgres.databaseUrl)
  metrics = createMetrics({ ofProcess: true })
  provider = await providers.open(metrics)
})
afterAll(async () => {
  await providers.close()
  await postgres.drop()
})

/** @returns the code on the last page, or where it leads */
async function signIn(persona: string): Promise<string> {
  const begun = await beginSignIn(provider.address)
  const ticket = await openTicket(provider.address, providers.issuer, begun)
  const { body } = await claimTicket(provider.address, ticket)
  const answer = answerByHand(await providers.jpki.card(persona), body, providers.issuer)
  const { completion_uri: address = '' } = await answerTicket(provider.address, ticket, answer)
  return complete(provider.address, address, begun)
}

/** `name{labels}` → value, of the text that Prometheus reads. */
async function scrape(): Promise<ReadonlyMap<string, number>> {
  const lines = (await metrics.toText()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )
}

describe('what is counted', () => {
  test('of two good sign-ins and a refused one, one question to the nation each card and one found in memory', async () => {
    await signIn('taro')
    await signIn('taro')
    await signIn('revoked')
    const found = await scrape()
    expect(found.get('sekisho_sign_ins_total{outcome="signed_in"}')).toBe(2)
    expect(found.get('sekisho_sign_ins_total{outcome="CERT_REVOKED"}')).toBe(1)
    expect(found.get('sekisho_revocation_question_seconds_count{source="ocsp",outcome="good"}')).toBe(1)
    expect(found.get('sekisho_revocation_question_seconds_count{source="ocsp",outcome="revoked"}')).toBe(1)
    expect(found.get('sekisho_cache_lookups_total{cache="revocation",result="hit"}')).toBe(1)
    expect(found.get('sekisho_step_seconds_count{step="answerTicket"}')).toBe(3)
    expect(found.get('sekisho_step_seconds_count{step="judge"}')).toBe(3)
    expect(found.get('sekisho_request_seconds_count{route="auth",status="3xx"}')).toBe(3)
    expect(found.get('sekisho_breaker_open{source="ocsp"}')).toBe(0)
    expect(found.get('sekisho_health{check="database",state="ok"}')).toBe(1)
    expect(found.get('sekisho_trust_anchor_days_left')).toBeGreaterThan(30)
    expect(found.get('sekisho_signing_key_age_seconds{algorithm="ES256"}')).toBeGreaterThanOrEqual(0)
    expect(found.get('sekisho_database_connections{state="most"}')).toBe(10)
    expect(found.get('sekisho_outbox_messages{state="waiting"}')).toBe(0)
  })

  test('no label is what a client sent', async () => {
    const paths = ['/auth-0815', '/interaction/0815', '/agent/tickets/0815', '/token/0815?0815', '/0815', '//0815']
    for (const path of paths) await fetch(`${provider.address}${path}`, { headers: { 'x-request-id': '0815-0815' } })
    await fetch(`${provider.address}/auth?client_id=client-0815`)
    const text = await metrics.toText()
    expect(text).not.toMatch(/0815|client_id|="site"/)
    const series = text.split('\n').filter((line) => line.startsWith('sekisho_')).length
    // buckets included; what a flood of odd requests adds is bounded by routes × statuses
    expect(series).toBeLessThan(600)
  })
})

const root = new URL('../../deploy/observability/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, root), 'utf8')

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string
      readonly expr: string
      readonly labels: { readonly severity: string }
      readonly annotations: { readonly summary: string }
    }[]
  }[]
}
interface Dashboard {
  readonly panels: readonly {
    readonly id: number
    readonly title: string
    readonly type: string
    readonly targets?: readonly { readonly expr: string }[]
  }[]
}

const alerts = (parse(read('alerts.yml')) as Rules).groups.flatMap(({ rules }) => rules)
const { panels } = JSON.parse(read('grafana-dashboard.json')) as Dashboard
const expressions: [string, string][] = [
  ...alerts.map(({ alert, expr }): [string, string] => [`alert ${alert}`, expr]),
  ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }): [string, string] => [`panel ${title}`, expr])),
]

/** Of this test's provider, and of the process that looks after workers. */
const OF_SUPERVISOR: Readonly<Record<string, readonly string[]>> = {
  sekisho_workers: ['state'],
  sekisho_worker_exits: [],
}
/** Prometheus itself adds them. */
const OF_PROMETHEUS = ['job', 'instance']

describe('dashboard and alerts name what exists', () => {
  test.each(expressions)('%s', async (_name, expression) => {
    const labels = new Map<string, Set<string>>(
      Object.entries(OF_SUPERVISOR).map(([name, names]) => [name, new Set(names)]),
    )
    for (const [, name = ''] of (await metrics.toText()).matchAll(/^# TYPE (\w+) /gm)) labels.set(name, new Set())
    for (const series of (await scrape()).keys()) {
      const name = series.replace(/\{.*$/, '')
      const base = labels.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, '')
      for (const [, label = ''] of series.matchAll(/(\w+)="/g)) labels.get(base)?.add(label)
    }
    let named = 0
    for (const [, name = '', selector = ''] of expression.matchAll(
      /\b((?:sekisho|nodejs|process)_\w+)(?:\{([^}]*)\})?/g,
    )) {
      const base = labels.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, '')
      expect([...labels.keys()], name).toContain(base)
      const known = labels.get(base) ?? new Set()
      // a metric that nothing was counted in yet does not show its labels
      for (const [, label = ''] of selector.matchAll(/(\w+)(?:=~|=|!=|!~)"/g)) {
        if (known.size > 0) expect([...known, ...OF_PROMETHEUS], `${name}{${label}}`).toContain(label)
      }
      named += 1
    }
    expect(named > 0 || expression.startsWith('up{')).toBe(true)
    for (const [open, close] of ['()', '{}', '[]']) {
      expect(expression.split(open ?? '').length).toBe(expression.split(close ?? '').length)
    }
  })

  test('each alert says how bad it is, has a summary, and a line in docs/watching.md', () => {
    const watching = readFileSync(new URL('../../docs/watching.md', import.meta.url), 'utf8')
    expect(alerts.length).toBeGreaterThan(10)
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length)
    for (const { alert, labels, annotations } of alerts) {
      expect(['page', 'ticket']).toContain(labels.severity)
      expect(annotations.summary).not.toBe('')
      expect(watching, alert).toContain(`\`${alert}\``)
    }
  })

  test('each panel has its own number', () => {
    expect(panels.length).toBeGreaterThan(15)
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  })
})
