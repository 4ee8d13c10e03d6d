import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

/**
 * What `/privacy` tells people is true only as long as it names everything that is kept. So every table of the migrations stands here,
 * with the paragraph that speaks of it, or with why it holds nothing of a person. Who adds a table, or a column to one of the people's
 * tables, reads the page and says so here.
 */
const TABLES: Readonly<Record<string, string>> = {
  accounts: 'stored.account',
  // for some minutes, that its status or what hangs on it changed
  standing_changes: 'stored.account',
  credentials: 'stored.card',
  credential_links: 'stored.chain',
  merge_candidates: 'stored.chain',
  subjects: 'stored.sub',
  inherited_subjects: 'stored.sub',
  external_accounts: 'stored.sub',
  link_tickets: 'stored.link',
  link_ticket_secrets: 'stored.link',
  consents: 'stored.consent',
  oidc_artifacts: 'stored.session',
  sign_in_tickets: 'stored.session',
  pending_choices: 'stored.session',
  outbox: 'stored.session',
  audit_events: 'stored.record',
  account_operations: 'stored.record',
  account_notices: 'stored.record',
  link_proposals: 'stored.record',
  admins: 'stored.record',
  admin_invitations: 'stored.record',
  admin_api_clients: 'stored.record',
  admin_sessions: 'stored.session',
  admin_sign_ins: 'stored.session',
  admin_pending_acts: 'stored.session',
  admin_idempotency_keys: 'stored.session',
  hand_over_codes: 'stored.handOver',
  rate_limits: 'address',
}

const NOTHING_OF_A_PERSON = [
  'clients',
  'client_configuration_tokens',
  'registration_tokens',
  'signing_keys',
  'server_secrets',
  'audit_seals',
  'audit_tombstones',
  'audit_count_place',
  'audit_counts',
  'crl_numbers',
  'installation',
  'redis_incarnations',
  'retired_peppers',
  'short_lived_place',
  'standing_memory',
]

/** Columns of what is kept longest, one by one. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  accounts: ['id', 'status', 'merged_into', 'created_at', 'status_since', 'erased_at', 'sign_outs'],
  credentials: [
    ...['id', 'account_id', 'kind', 'handle', 'pepper_version', 'issuer_key_id', 'public_key_digest', 'not_after'],
    ...['status', 'first_seen_at', 'last_used_at', 'traced_at', 'person_digest', 'sign_outs'],
  ],
}

const ROOT = join(import.meta.dirname, '..', '..')
const migrations = readdirSync(join(ROOT, 'migrations'))
  .filter((name) => name.endsWith('.sql'))
  .map((name) => readFileSync(join(ROOT, 'migrations', name), 'utf8').split('-- Down Migration')[0] ?? '')
  .join('\n')

test('every table is told of on the privacy page, or holds nothing of a person', () => {
  const made = [...migrations.matchAll(/CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(\w+)/g)].map(
    ([, name = '']) => name,
  )
  expect(made.toSorted()).toEqual([...Object.keys(TABLES), ...NOTHING_OF_A_PERSON].toSorted())
})

test.each(Object.entries(COLUMNS))('the page was written for these columns of %s', (table, columns) => {
  const [, body = ''] = new RegExp(`CREATE TABLE ${table} \\(([\\s\\S]*?)\\n\\);`).exec(migrations) ?? []
  const first = [...body.matchAll(/^ {2}([a-z_]+) /gm)].map(([, name = '']) => name)
  const added = [...migrations.matchAll(/ALTER TABLE (\w+)([^;]*);/g)]
    .filter(([, name]) => name === table)
    .flatMap(([, , change = '']) => [...change.matchAll(/ADD COLUMN (\w+)/g)].map(([, name = '']) => name))
  expect([...first, ...added]).toEqual(columns)
})

describe.each(['ja', 'en'])('in %s', (locale) => {
  const { privacy } = JSON.parse(readFileSync(join(ROOT, 'locales', `${locale}.json`), 'utf8')) as { privacy: object }

  test.each([...new Set(Object.values(TABLES))])('the page has its paragraph %s', (key) => {
    const paragraph = key.split('.').reduce<unknown>((tree, part) => (tree as Record<string, unknown>)[part], privacy)
    expect(paragraph).toBeTruthy()
  })
})
