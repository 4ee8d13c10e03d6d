import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuditEvent } from '../../src/audit/audit-event.ts'
import type { AuditBrowser } from '../../src/audit/browse/audit-browser.ts'
import { createAuditSealer } from '../../src/audit/seal/create-audit-sealer.ts'
import { createSealingKey } from '../../src/audit/seal/create-sealing-key.ts'
import { createAuditBrowser } from '../../src/storage/audit-browser.ts'
import { createAuditCountStore } from '../../src/storage/audit-count-store.ts'
import { appendAuditEvents } from '../../src/storage/audit-log.ts'
import { createAuditSealStore } from '../../src/storage/audit-seal-store.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'
import { pollUntil } from '../support/poll-until.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const sealingKey = createSealingKey({ keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256' }] })
const START = new Date('2026-11-01T00:30:00Z')
const HOUR_MS = 3_600_000
const hours = (count: number): Date => new Date(START.getTime() + count * HOUR_MS)
const [anna, ben] = [randomUUID(), randomUUID()]
const refused = (clientId: string, code: 'CERT_EXPIRED' | 'CERT_REVOKED'): AuditEvent => ({
  type: 'sign_in.refused',
  clientId,
  code,
})

describe.each(DATABASES)('looking into the audit log on $name', ({ createDatabase }) => {
  let made: TestDatabase
  let browser: AuditBrowser
  const append = (event: AuditEvent, at: Date, actor?: `admin:${string}`): Promise<void> =>
    appendAuditEvents(made.database, [event], at, actor)

  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
    browser = createAuditBrowser(made.database)
    // 1–12: one record every four hours; 13: an administrator's
    for (let number = 0; number < 12; number += 1) {
      const event = [
        refused('shop', 'CERT_EXPIRED'),
        refused('bank', 'CERT_REVOKED'),
        { type: 'account.created', accountId: number < 6 ? anna : ben } as const,
      ][number % 3] as AuditEvent
      await append(event, hours(number * 4))
    }
    await append({ type: 'client.changed', clientId: 'shop', change: 'updated' }, hours(48), `admin:${anna}`)
    const sealer = createAuditSealer({
      store: createAuditSealStore(made.database),
      currentKey: () => Promise.resolve(sealingKey),
      now: () => hours(49),
    })
    let sealed = 0
    await pollUntil(async () => (sealed += await sealer.seal()) >= 13, {
      deadlineMs: 10_000,
      intervalMs: 20,
      complaint: () => `${sealed} of 13 records were sealed`,
    })
    await append(refused('shop', 'CERT_REVOKED'), hours(50))
  })
  afterAll(() => made.remove())

  const numbers = async (...[filter, options]: Parameters<AuditBrowser['page']>): Promise<number[]> =>
    (await browser.page(filter, options)).events.map(({ sequence }) => Number(sequence))

  test.each([
    ['nothing', {}, [14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]],
    ['a type', { type: 'account.created' }, [12, 9, 6, 3]],
    ['an account', { accountId: anna }, [6, 3]],
    ['a site', { clientId: 'bank' }, [11, 8, 5, 2]],
    ['a code', { type: 'sign_in.refused', code: 'CERT_EXPIRED' }, [10, 7, 4, 1]],
    ['an administrator', { actor: `admin:${anna}` }, [13]],
    ['a time', { from: hours(40), until: hours(50) }, [13, 12, 11]],
    ['a site and a time', { clientId: 'shop', until: hours(25) }, [7, 4, 1]],
    ['what is not there', { type: 'account.merged' }, []],
    ['a time before everything', { until: hours(-24) }, []],
    ['a time after everything', { from: hours(100) }, []],
  ])('by %s', async (_what, filter, expected) => {
    expect(await browser.page(filter, { limit: 20 })).toMatchObject({ older: undefined })
    expect(await numbers(filter, { limit: 20 })).toEqual(expected)
  })

  test('page by page nothing is left out and nothing comes twice, also while the log grows', async () => {
    const first = await browser.page({ clientId: 'shop' }, { limit: 3 })
    await append({ type: 'account.created', accountId: anna }, hours(51))
    const second = await browser.page({ clientId: 'shop' }, { limit: 3, before: first.older })
    expect([...first.events, ...second.events].map(({ sequence }) => Number(sequence))).toEqual([14, 13, 10, 7, 4, 1])
    expect(second.older).toBeUndefined()
  })

  test('a search that finds little looks at a bounded part of the log, says how far it came, and goes on from there', async () => {
    const short = createAuditBrowser(made.database, { lookAtMost: 4 })
    const found: number[] = []
    let pages = 0
    for (let before: bigint | undefined = 13n; before !== undefined; pages += 1) {
      const page = await short.page({ actor: 'person', clientId: 'bank' }, { limit: 10, before })
      found.push(...page.events.map(({ sequence }) => Number(sequence)))
      before = page.older
    }
    expect(found).toEqual([11, 8, 5, 2])
    expect(pages).toBe(4)
  })

  test('one record, and the seal over it', async () => {
    expect(await browser.event(13n)).toMatchObject({ type: 'client.changed', actor: `admin:${anna}` })
    expect(await browser.event(999n)).toBeUndefined()
    expect(await browser.sealOver(13n)).toMatchObject({ seal: { number: 1, lastSequence: 13n }, previous: undefined })
    expect(await browser.sealOver(14n)).toBeUndefined()
    expect(await browser.head()).toMatchObject({ seal: { number: 1 }, lastSequence: 15n })
    const sealed: number[] = []
    for await (const { events } of browser.sealed({ after: 0, upTo: 1 })) sealed.push(events.length)
    expect(sealed).toEqual([13])
  })

  test('counts by the hour are of every record, once, whoever counts and however often', async () => {
    const counts = createAuditCountStore(made.database)
    const total = async (): Promise<Record<string, number>> => {
      const sums: Record<string, number> = {}
      for (const { type, code, events } of await counts.since(START)) {
        const key = `${type} ${code ?? ''}`.trim()
        sums[key] = (sums[key] ?? 0) + events
      }
      return sums
    }
    // before the first count all of it is what is not counted yet; afterwards hardly any
    const hour = new Date('2026-11-01T00:00:00Z')
    const before = await counts.since(hour)
    await Promise.all([counts.countSealed(), counts.countSealed(), counts.countSealed()])
    await counts.countSealed()
    expect(await counts.since(hour)).toEqual(before)
    expect(before[0]).toEqual({ hour, type: 'sign_in.refused', code: 'CERT_EXPIRED', events: 1 })
    expect(await total()).toEqual({
      'sign_in.refused CERT_EXPIRED': 3,
      'sign_in.refused CERT_REVOKED': 5,
      'account.created': 5,
      'client.changed': 1,
    })
    const { rows } = await made.database.query<{ sum: string }>('SELECT sum(events) FROM audit_counts')
    expect(rows).toEqual([{ sum: '13' }])
  })
})
