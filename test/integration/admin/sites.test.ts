import { createPublicKey } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formsOf } from '../../../src/main/demo/html-form.ts'
import type { Page } from '../../../src/main/demo/scripted-browser.ts'
import { readExportLine } from '../../../src/audit/export/audit-jsonl.ts'
import { verifyAuditLog } from '../../../src/audit/seal/verify-audit-log.ts'
import { codeOf, createConsoleUser, type ConsoleUser } from '../../support/console-user.ts'
import { pollUntil } from '../../support/poll-until.ts'
import { startWholeSystem, type WholeSystem } from '../../support/whole-system.ts'

let system: WholeSystem
let owner: ConsoleUser
let clientId = ''
let secret = ''
beforeAll(async () => {
  system = await startWholeSystem({ withoutAgent: true, withConsole: true })
  owner = createConsoleUser(system, 'taro')
  await owner.accept(system.demo.urls.invitation ?? '')
})
afterAll(() => system.close())

const changesOf = async (id: string) =>
  (
    await system.database.query<{ actor: string; details: { change: string; fields?: string[] } }>(
      `SELECT actor, details FROM audit_events WHERE type = 'client.changed' AND client_id = $1 ORDER BY sequence`,
      [id],
    )
  ).rows.map(({ actor, details }) => [actor.split(':')[0], details.change, ...(details.fields ?? [])])

/** What the token endpoint says to this client: `invalid_grant` means that it knows the client and believes the secret. */
async function answerTo(id: string, password: string): Promise<unknown> {
  const response = await fetch(`${system.issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${id}:${password}`).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: 'x'.repeat(43),
      redirect_uri: 'https://library.example/callback',
      code_verifier: 'v'.repeat(43),
    }),
  })
  return ((await response.json()) as { error: unknown }).error
}
const textOf = ({ html }: Page, id: string): string => new RegExp(`id="${id}"[^>]*>([^<]*)<`).exec(html)?.[1] ?? ''
const FORM = {
  'displayName.ja': '市立図書館',
  'displayName.en': 'City library',
  owner: 'library@example.jp',
  redirectUris: 'https://library.example/callback',
}

describe('registering a site', () => {
  test('what is wrong is said beside its field, with what was written still there, before any card is asked for', async () => {
    const form = await owner.open('/admin/new-relying-party/server')
    const refused = await owner.submit(form, 'site-form', { ...FORM, redirectUris: 'http://library.example/#x' })
    expect([refused.status, refused.url.pathname]).toEqual([422, '/admin/new-relying-party/server'])
    expect(refused.html).toContain('Line 1: Must be https: (http: only for localhost).')
    expect(refused.html).toContain('市立図書館')
    expect(refused.html).toContain('aria-invalid="true"')
    expect((await system.database.query('SELECT FROM admin_pending_acts')).rowCount).toBe(0)
  })

  test('all of it is shown beside the tap; then the secret, once, in an answer that nobody may keep, and it works', async () => {
    const form = await owner.open('/admin/new-relying-party/server')
    const confirmation = await owner.submit(form, 'site-form', FORM)
    expect(confirmation.html).toContain('library@example.jp')
    const registered = await owner.carryOut(confirmation)
    clientId = textOf(registered, 'client-id')
    secret = textOf(registered, 'client-secret')
    expect(secret).toHaveLength(43)
    expect((await fetch(registered.url)).headers.get('cache-control')).toBe('no-store')
    expect(await answerTo(clientId, secret)).toBe('invalid_grant')
    expect(await changesOf(clientId)).toEqual([['admin', 'added']])
    const { rows } = await system.database.query<{ all: string }>(
      `SELECT (SELECT coalesce(string_agg(c::text, ''), '') FROM clients c) || (SELECT string_agg(e::text, '') FROM audit_events e)
        || (SELECT coalesce(string_agg(p::text, ''), '') FROM admin_pending_acts p) AS all`,
    )
    expect(rows[0]?.all).not.toContain(secret)
    expect((await owner.open(`/admin/relying-parties/${clientId}`)).html).not.toContain(secret)
  })

  test('attack 44: the same form sent again makes no second client', async () => {
    const form = await owner.open('/admin/new-relying-party/server')
    const again = await owner.submit(form, 'site-form', { ...FORM, clientId })
    expect([again.status, codeOf(again)]).toEqual([409, 'ADMIN_CLIENT_EXISTS'])
  })

  test('an id that was not drawn here is not taken from a form', async () => {
    const form = await owner.open('/admin/new-relying-party/server')
    const answer = await owner.submit(form, 'site-form', { ...FORM, clientId: 'sekisho-account' })
    expect(codeOf(answer)).toBe('ADMIN_FORM_INVALID')
  })
})

describe('changing a site', () => {
  const edit = () => owner.open(`/admin/relying-parties/${clientId}/edit`)

  test('attack 44: of two administrators the slower is shown what the other did beside what they wrote, and nothing is lost', async () => {
    const [first, second] = [await edit(), await edit()]
    const saved = await owner.carryOut(await owner.submit(first, 'site-form', { ...FORM, owner: 'first@example.jp' }))
    expect(saved.url.pathname).toBe(`/admin/relying-parties/${clientId}`)
    const conflict = await owner.submit(second, 'site-form', {
      ...FORM,
      owner: 'second@example.jp',
      requireDpop: 'yes',
    })
    expect(conflict.status).toBe(409)
    expect(conflict.html).toMatch(/first@example\.jp[\s\S]*second@example\.jp/)
    const mended = await owner.carryOut(
      await owner.submit(conflict, 'site-form', { ...FORM, owner: 'second@example.jp', requireDpop: 'yes' }),
    )
    expect(mended.html).toContain('second@example.jp')
    expect(await changesOf(clientId)).toEqual([
      ['admin', 'added'],
      ['admin', 'updated', 'owner'],
      ['admin', 'updated', 'owner', 'requireDpop'],
    ])
  })

  test('attack 44: somebody is faster between the look and the tap', async () => {
    const confirmation = await owner.submit(await edit(), 'site-form', { ...FORM, owner: 'slow@example.jp' })
    await system.database.query('UPDATE clients SET version = version + 1 WHERE client_id = $1', [clientId])
    const answer = await owner.browser.open(confirmation.url.href)
    expect([answer.status, answer.html.includes('slow@example.jp')]).toEqual([409, true])
  })

  test('a change after which the site knows nobody again must be meant', async () => {
    const asked = await owner.submit(await edit(), 'site-form', { ...FORM, subjectType: 'public' })
    expect(asked.status).toBe(422)
    expect(asked.html).toContain('id="subjects"')
    const confirmation = await owner.submit(asked, 'site-form', {
      ...FORM,
      subjectType: 'public',
      allowNewSubjects: 'yes',
    })
    expect(confirmation.html).toContain('pairwise → public')
  })

  test('what the provider itself is registered as cannot be changed from here', async () => {
    const page = await owner.open('/admin/relying-parties/sekisho-account')
    expect(formsOf(page.html).some(({ id }) => id === 'rotate' || id === 'change-status')).toBe(false)
    const form = await owner.open('/admin/relying-parties/sekisho-account/edit')
    expect(codeOf(await owner.submit(form, 'site-form', { owner: 'me' }))).toBe('ADMIN_CLIENT_BUILT_IN')
  })

  test('two secrets are good side by side; the form of before draws no third', async () => {
    const shown = await owner.open(`/admin/relying-parties/${clientId}`)
    const rotated = await owner.carryOut(await owner.submit(shown, 'rotate', { keepOldFor: '1h' }))
    const fresh = textOf(rotated, 'client-secret')
    expect(await Promise.all([answerTo(clientId, secret), answerTo(clientId, fresh)])).toEqual([
      'invalid_grant',
      'invalid_grant',
    ])
    const again = await owner.carryOut(await owner.submit(shown, 'rotate', { keepOldFor: '0' }))
    expect(codeOf(again)).toBe('ADMIN_CHANGED_MEANWHILE')
    expect(await answerTo(clientId, fresh)).toBe('invalid_grant')
    secret = fresh
  })

  test('disabled, it is unknown at once; let go on, it is as it was; both are on record', async () => {
    const shown = await owner.open(`/admin/relying-parties/${clientId}`)
    await owner.carryOut(await owner.submit(shown, 'change-status'))
    await pollUntil(async () => (await answerTo(clientId, secret)) === 'invalid_client')
    const disabled = await owner.open('/admin/relying-parties?status=disabled&q=LIBRARY')
    expect(disabled.html).toContain(clientId)
    await owner.carryOut(await owner.submit(await owner.open(`/admin/relying-parties/${clientId}`), 'change-status'))
    await pollUntil(async () => (await answerTo(clientId, secret)) === 'invalid_grant')
    expect((await changesOf(clientId)).slice(-2)).toEqual([
      ['admin', 'disabled'],
      ['admin', 'enabled'],
    ])
  })

  test('it is tried without changing anything', async () => {
    const page = await owner.open(`/admin/relying-parties/${clientId}/try`)
    expect(page.status).toBe(200)
    expect(page.html).toContain('The provider can load it')
    expect(page.html).not.toContain('must be mended')
    expect(page.html).toContain('no address where a sign-in begins'.replace('no', 'No'))
  })

  test('nobody is linked to it yet', async () => {
    expect((await owner.open(`/admin/relying-parties/${clientId}/links`)).html).toContain('Nobody is linked.')
  })
})

describe('attack 44: many at once', () => {
  const site = (name: string, more: object = {}): string =>
    JSON.stringify({
      displayName: { ja: name, en: name },
      owner: 'IT',
      redirectUris: [`https://${name}.example/cb`],
      ...more,
    })
  const check = async (lines: string) =>
    owner.submit(await owner.open('/admin/import-relying-parties'), 'check-import', { lines })
  const count = async () => (await system.database.query('SELECT FROM clients')).rowCount

  test('one line that is wrong, and there is nothing to carry out', async () => {
    const before = await count()
    const page = await check([site('a'), site('b', { redirectUris: ['http://b.example/'] })].join('\n'))
    expect(page.status).toBe(422)
    expect(page.html).toContain('redirectUris.0: Must be https:')
    expect(formsOf(page.html).some(({ id }) => id === 'carry-out-import')).toBe(false)
    expect(await count()).toBe(before)
  })

  test('all of them, with their secrets, or none when one became impossible meanwhile', async () => {
    const before = (await count()) ?? 0
    const page = await check([site('c'), site('d', { clientId: 'fixed-id' })].join('\n'))
    const tapped = await owner.tap(await owner.submit(page, 'carry-out-import'))
    await system.database.query(
      `INSERT INTO clients (client_id, registration, created_at, updated_at)
       SELECT 'fixed-id', registration, now(), now() FROM clients WHERE client_id = $1`,
      [clientId],
    )
    expect(codeOf(await owner.submit(tapped, 'carry-out'))).toBe('ADMIN_CLIENT_INVALID')
    expect(await count()).toBe(before + 1)
    const done = await owner.carryOut(
      await owner.submit(await check([site('c'), site('e')].join('\n')), 'carry-out-import'),
    )
    expect([...done.html.matchAll(/<code class="secret">[\w-]{43}</g)]).toHaveLength(2)
    expect(await count()).toBe(before + 3)
  })
})

describe('overview and audit log', () => {
  test('the overview counts what was refused and says the remedy; the chart has no style or script in it', async () => {
    await system.database.query(
      `INSERT INTO audit_events (at, type, actor, client_id, details)
       SELECT now(), 'sign_in.refused', 'person', $1, '{"code":"CERT_EXPIRED"}' FROM generate_series(1, 3)`,
      [clientId],
    )
    const page = await owner.open('/admin?range=day')
    expect(page.status).toBe(200)
    expect(page.html).toContain('CERT_EXPIRED')
    const svg = /<svg[\s\S]*<\/svg>/.exec(page.html)?.[0] ?? ''
    expect(svg).toContain('chart-refused')
    expect(svg).not.toMatch(/style=|<script|on\w+=/)
    for (const range of ['week', 'month', 'nonsense'])
      expect((await owner.open(`/admin?range=${range}`)).status).toBe(200)
  })

  test('records are found by what is known of them, and each with the seal over it', async () => {
    const found = await owner.open(`/admin/audit?type=client.changed&clientId=${clientId}`)
    const [, first = ''] = /<th scope="row"><a href="(\/admin\/audit\/\d+)"/.exec(found.html) ?? []
    await pollUntil(async () => (await owner.open(first)).html.includes('verified'), {
      deadlineMs: 40_000,
      intervalMs: 500,
      complaint: () => 'no seal',
    })
    expect((await owner.open('/admin/audit?accountId=nobody&from=never')).html).toContain('That is no account id.')
    expect((await owner.open('/admin/audit?clientId=nobody')).html).toContain('No record fits that.')
    for (const odd of ['0', '99999999', '1%20OR%201=1', '1e3']) {
      expect(codeOf(await owner.open(`/admin/audit/${odd}`))).toBe('ADMIN_EVENT_NOT_FOUND')
    }
  })

  test('attack 42: an export verifies as it is, and goes on where another ended', async () => {
    const page = await owner.open('/admin/audit')
    const exported = await owner.submit(page, 'export', { format: 'jsonl' })
    const lines = exported.html.trim().split('\n').map(readExportLine)
    const pick = async function* <Item>(of: (line: (typeof lines)[number]) => Item | undefined): AsyncGenerator<Item> {
      for (const line of lines) {
        const item = await Promise.resolve(of(line))
        if (item !== undefined) yield item
      }
    }
    const [header] = lines
    if (header === undefined || !('keys' in header)) throw new Error('no header')
    const verification = await verifyAuditLog({
      seals: pick((line) => ('seal' in line ? line.seal : undefined)),
      events: pick((line) => ('event' in line ? line.event : undefined)),
      tombstones: new Map(),
      keys: new Map(header.keys.map((key) => [key.kid, createPublicKey({ key, format: 'jwk' })])),
    })
    expect(verification).toMatchObject({ findings: [], unsealed: 0 })
    expect(verification.seals).toBeGreaterThan(0)

    const rest = await owner.submit(page, 'export', { format: 'jsonl', after: '1' })
    expect(rest.html.split('\n').some((line) => line.includes('"number":1,'))).toBe(false)
    const csv = await owner.submit(page, 'export', { format: 'csv' })
    expect(csv.html).toMatch(/^sequence,at,type/)
    const { rows } = await system.database.query(
      `SELECT details ->> 'act' FROM audit_events WHERE type = 'admin.act_begun' AND details ->> 'act' = 'audit.export'`,
    )
    expect(rows).toHaveLength(3)
  })

  test('attack 42: what somebody with the database edited is named, on its page and by the verification', async () => {
    expect((await owner.open('/admin/audit/verify')).html).toContain('id="verified"')
    await system.database.query(`ALTER TABLE audit_events DISABLE TRIGGER append_only_rows`)
    await system.database.query(`UPDATE audit_events SET actor = 'schedule' WHERE sequence = 1`)
    await system.database.query(`ALTER TABLE audit_events ENABLE TRIGGER append_only_rows`)
    expect((await owner.open('/admin/audit/1')).html).toContain('badge-alert')
    const verified = await owner.open('/admin/audit/verify')
    expect(verified.html).toContain('The log was changed')
    expect(verified.html).toContain('href="/admin/audit/1"')
  })
})
