import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuditEvent } from '../../src/audit/audit-event.ts'
import { appendAuditEvents, createAuditLog } from '../../src/storage/audit-log.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'

const PARALLEL = 50
const NOW = new Date('2026-11-22T03:00:00Z')
const [accountId, credentialId] = [randomUUID(), randomUUID()]
const SUCCEEDED: AuditEvent = {
  type: 'sign_in.succeeded',
  clientId: 'shop',
  accountId,
  credentialId,
  isNewAccount: true,
  acr: 'phrh',
  revocation: { status: 'good', method: 'ocsp', source: 'jpki', checkedAt: NOW },
}

describe.each(DATABASES)('audit log on $name', ({ createDatabase }) => {
  let made: TestDatabase
  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
    await createAuditLog({ database: made.database, now: () => NOW }).append(SUCCEEDED)
  })
  afterAll(() => made.remove())

  const rows = async (): Promise<unknown[]> =>
    (await made.database.query('SELECT * FROM audit_events ORDER BY sequence')).rows

  test.each([
    ['an edited row', "UPDATE audit_events SET type = 'sign_in.refused'"],
    ['a deleted row', 'DELETE FROM audit_events'],
    ['an emptied table', 'TRUNCATE audit_events'],
    ['an inserted number', `INSERT INTO audit_events (sequence, at, type, actor) VALUES (1, now(), 'x', 'person')`],
  ])('attack 42: %s is refused', async (_what, statement) => {
    const before = await rows()
    await expect(made.database.query(statement)).rejects.toThrow(/append-only|non-DEFAULT value/)
    expect(await rows()).toEqual(before)
  })

  test('an event is there as it was told', async () => {
    expect(await rows()).toEqual([
      {
        sequence: '1',
        at: NOW,
        type: 'sign_in.succeeded',
        actor: 'person',
        account_id: accountId,
        credential_id: credentialId,
        client_id: 'shop',
        details: {
          isNewAccount: true,
          acr: 'phrh',
          revocation: { status: 'good', method: 'ocsp', source: 'jpki', checkedAt: NOW.toISOString() },
        },
      },
    ])
  })

  test(`of ${PARALLEL} events told at once each is there once, under a number of its own`, async () => {
    const log = createAuditLog({ database: made.database, now: () => NOW })
    const ids = Array.from({ length: PARALLEL }, () => randomUUID())
    await Promise.all(ids.map((id) => log.append({ type: 'account.created', accountId: id })))
    const { rows: found } = await made.database.query<{ sequence: string; account_id: string }>(
      'SELECT sequence, account_id FROM audit_events WHERE account_id = ANY ($1::uuid[])',
      [ids],
    )
    expect(found.map((row) => row.account_id).toSorted()).toEqual(ids.toSorted())
    expect(new Set(found.map(({ sequence }) => sequence)).size).toBe(PARALLEL)
  })

  test('an event goes with the transaction that tells it', async () => {
    const before = await rows()
    const failed = made.database.transaction(async (transaction) => {
      await appendAuditEvents(transaction, [{ type: 'account.created', accountId }], NOW)
      throw new Error('what it tells of did not happen')
    })
    await expect(failed).rejects.toThrow('did not happen')
    expect(await rows()).toEqual(before)
  })
})
