import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pollUntil } from '../../support/poll-until.ts'
import { codeOf, createConsoleUser, type ConsoleUser } from '../../support/console-user.ts'
import { startWholeSystem, type WholeSystem } from '../../support/whole-system.ts'

let system: WholeSystem
let owner: ConsoleUser
beforeAll(async () => {
  system = await startWholeSystem({ withoutAgent: true, withConsole: true })
  owner = createConsoleUser(system, 'taro')
})
afterAll(() => system.close())

const admins = async () =>
  (await system.database.query<{ account_id: string; role: string }>('SELECT account_id, role FROM admins ORDER BY at'))
    .rows
const eventsOf = async (type: string) =>
  (
    await system.database.query<{ actor: string; credential_id: string | null; details: Record<string, unknown> }>(
      'SELECT actor, account_id, credential_id, details FROM audit_events WHERE type = $1 ORDER BY sequence',
      [type],
    )
  ).rows

describe('getting in', () => {
  test('nobody is an administrator by having a card', async () => {
    const page = await createConsoleUser(system, 'hanako').signIn()
    expect([page.status, codeOf(page)]).toEqual([403, 'ADMIN_NO_ROLE'])
    expect((await system.database.query('SELECT FROM admin_sessions')).rowCount).toBe(0)
  })

  test('the first owner, by invitation and card; the link is good once', async () => {
    const link = system.demo.urls.invitation ?? ''
    expect((await owner.accept(link)).url.pathname).toBe('/admin')
    expect(await admins()).toMatchObject([{ role: 'owner' }])
    expect(await eventsOf('admin.joined')).toHaveLength(1)
    expect(await eventsOf('admin.signed_in')).toHaveLength(1)
    const again = await createConsoleUser(system, 'hanako').open(new URL(link).pathname + new URL(link).search)
    expect([again.status, codeOf(again)]).toEqual([410, 'ADMIN_INVITATION_INVALID'])
  })

  test('attack 44: login CSRF: an answer of the provider that this browser did not ask for', async () => {
    const page = await owner.open('/admin/callback?code=x&state=y')
    expect([page.status, codeOf(page)]).toEqual([400, 'ADMIN_SIGN_IN_FAILED'])
  })

  test.each(['//evil.example', '/\\evil.example', 'https://evil.example', '/admin@evil.example', '/administrator'])(
    'attack 44: no open redirect: %s',
    async (returnTo) => {
      const someone = createConsoleUser(system, 'taro')
      const asked = await someone.open('/admin/administrators')
      const { rows: before } = await system.database.query<{ count: number }>(
        'SELECT count(*)::int FROM admin_sign_ins',
      )
      await someone.submit(asked, 'sign-in', { return_to: returnTo })
      const { rows } = await system.database.query<{ return_to: string }>(
        'SELECT return_to FROM admin_sign_ins ORDER BY started_at DESC LIMIT 1',
      )
      expect(rows).toEqual([{ return_to: '/admin' }])
      expect(before).toHaveLength(1)
    },
  )
})

describe('a dangerous act', () => {
  const ask = async (role: string) => owner.submit(await owner.open('/admin/administrators'), 'invite', { role })

  test('attack 44: a session without the card shows what it wants, and does nothing', async () => {
    const asked = await ask('approver')
    expect(asked.url.pathname).toMatch(/^\/admin\/confirm\//)
    expect(asked.html).toContain('Approver')
    const id = asked.url.pathname.split('/').at(-1) ?? ''
    const carried = await owner.browser.submit(asked, `/admin/confirm/${id}`, { csrf: csrfOf(asked.html) })
    expect([carried.status, codeOf(carried)]).toEqual([410, 'ADMIN_ACT_EXPIRED'])
    expect((await system.database.query('SELECT FROM admin_invitations')).rowCount).toBe(0)
  })

  test('attack 44: the tap of another card is not theirs, and in this browser somebody else is signed in now', async () => {
    const asked = await ask('approver')
    const tapped = await owner.tap(asked, 'hanako')
    // whichever came first: the comparison, or the end of the owner's session at the provider
    expect(['ADMIN_TAP_OF_ANOTHER', 'ADMIN_SIGN_IN_FAILED']).toContain(codeOf(tapped))
    await pollUntil(async () => (await owner.open('/admin/administrators')).status === 401)
    expect((await system.database.query('SELECT FROM admin_pending_acts WHERE tapped_at IS NOT NULL')).rowCount).toBe(0)
    expect((await owner.signIn()).status).toBe(200)
  })

  test('is done after a tap, once, with the fields that were shown, and told with the card of the tap', async () => {
    const before = (await eventsOf('admin.invited')).length
    const tapped = await owner.tap(await ask('approver'))
    const done = await owner.submit(tapped, 'carry-out', { role: 'owner' })
    expect(done.status).toBe(200)
    expect(done.html).toContain('/admin/invitation?token=')
    const { rows } = await system.database.query<{ role: string }>('SELECT role FROM admin_invitations')
    expect(rows).toEqual([{ role: 'approver' }])
    const twice = await owner.submit(tapped, 'carry-out')
    expect([twice.status, codeOf(twice)]).toEqual([410, 'ADMIN_ACT_EXPIRED'])
    const [account] = await admins()
    expect((await eventsOf('admin.invited')).slice(before)).toMatchObject([{ actor: `admin:${account?.account_id}` }])
    expect(await eventsOf('admin.act_begun')).toMatchObject([
      { actor: `admin:${account?.account_id}`, details: { act: 'administrators.invite', role: 'owner', tapped: true } },
    ])
    expect((await eventsOf('admin.act_begun'))[0]?.credential_id).not.toBeNull()
  })

  test('attack 44: what another session waits for cannot be tapped for or carried out from here', async () => {
    const asked = await ask('viewer')
    const other = createConsoleUser(system, 'taro')
    await other.signIn()
    const seen = await other.open(asked.url.pathname)
    expect([seen.status, codeOf(seen)]).toEqual([410, 'ADMIN_ACT_EXPIRED'])
  })
})

describe('owners', () => {
  test('attack 44: self-lockout, the last owner, and two who remove each other at once', async () => {
    const [first] = await admins()
    const made = await owner.carryOut(
      await owner.submit(await owner.open('/admin/administrators'), 'invite', { role: 'owner' }),
    )
    const link = /http:\S+token=[\w-]+/.exec(made.html)?.[0] ?? ''
    const second = createConsoleUser(system, 'hanako')
    expect((await second.accept(link)).url.pathname).toBe('/admin')
    const [, other] = await admins()

    const self = await second.browser.submit(
      await second.open('/admin/administrators'),
      `/admin/administrators/${other?.account_id}/remove`,
      { csrf: csrfOf((await second.open('/admin/administrators')).html) },
    )
    expect([self.status, codeOf(self)]).toEqual([409, 'ADMIN_OWN_ROLE'])

    const tapped = await Promise.all([
      owner.submit(await owner.open('/admin/administrators'), `/admin/administrators/${other?.account_id}/remove`),
      second.submit(await second.open('/admin/administrators'), `/admin/administrators/${first?.account_id}/remove`),
    ])
    const ready = [await owner.tap(tapped[0]), await second.tap(tapped[1])] as const
    const done = await Promise.all([owner.submit(ready[0], 'carry-out'), second.submit(ready[1], 'carry-out')])
    expect(await admins()).toHaveLength(1)
    expect(done.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1)

    const left = done[0].status === 200 ? owner : second
    const gone = done[0].status === 200 ? second : owner
    expect((await left.open('/admin/administrators')).status).toBe(200)
    expect((await gone.open('/admin/administrators')).status).toBe(401)
    expect((await system.database.query(`SELECT FROM admins WHERE role = 'owner'`)).rowCount).toBe(1)
  })
})

function csrfOf(html: string): string {
  return /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? ''
}
