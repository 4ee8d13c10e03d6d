import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AttachedCard } from '../../../../test/support/pcscd.ts'
import { ask, submit } from '../support/browse.ts'
import { AGENT_COMMAND } from '../support/agent-command.ts'
import { setBuiltStage, type BuiltStage } from '../support/built-agent.ts'
import { FAKE_PINENTRY } from '../support/fake-pinentry.ts'
import { scanMemory } from '../support/scan-memory.ts'
import { runInPty, type PtySession } from '../support/run-in-pty.ts'

let stage: BuiltStage
let card: AttachedCard | undefined

beforeAll(async () => {
  stage = await setBuiltStage()
})
afterAll(async () => {
  await stage.stop()
})
const PROMPT = 'not shown):'
const triesLeft = async () => (await card?.triesLeft())?.authentication
let label: string | undefined
/** A card with so many tries left, where none such lies there already: a card takes its time to come and go. */
async function lay(left = 3, wanted?: 'JPKIAPGPSETOKEN'): Promise<void> {
  if (card !== undefined && label === wanted && (await triesLeft()) === left) return
  await take()
  const authentication = { ...stage.issued, pin: '7294', triesLeft: left }
  card = await stage.attachCard({ authentication, ...(wanted && { label: wanted }) })
  label = wanted
}
async function take(): Promise<void> {
  await card?.close()
  card = undefined
}

function signIn(ticketId: string, ...more: string[]): PtySession {
  const provider = new URL(stage.provider.origin).host
  return runInPty(
    [...AGENT_COMMAND, 'sign-in', '--provider', provider, '--ticket', ticketId, ...more],
    stage.environment,
  )
}
const lastResult = () => stage.provider.results().at(-1)

describe('sign-in at the terminal', () => {
  test('a wrong PIN, a right one, and where the browser goes on; the PIN is not on the screen', async () => {
    await lay()
    const ticketId = stage.provider.issueTicket()
    const session = signIn(ticketId)
    await session.type(PROMPT, '8163\r')
    await session.type(PROMPT, '9\u007f729x4\r')
    expect(await session.ended).toBe(0)
    expect(session.screen()).toContain('海辺の本屋 https://shop.example')
    expect(session.screen()).toContain('Tries left: 2')
    expect(session.screen()).toContain(`${stage.provider.origin}/sign-in/complete?code=${ticketId.slice(0, 8)}`)
    expect(session.screen()).not.toMatch(/8163|7294|729/)
    expect(lastResult()).toHaveProperty('signature')
    expect(await triesLeft()).toBe(3)
  })

  test('Ctrl-C: the provider is told that the person stopped, no try is spent', async () => {
    await lay()
    const session = signIn(stage.provider.issueTicket())
    await session.type(PROMPT, '72\u0003')
    expect(await session.ended).toBe(1)
    expect(lastResult()).toMatchObject({ error: 'AGENT_CANCELLED' })
    expect(await triesLeft()).toBe(3)
  })

  test('two wrong PINs: a question, and Enter alone stops; a whole "yes" goes on; five digits are not presented', async () => {
    await lay()
    const stopped = signIn(stage.provider.issueTicket())
    await stopped.type(PROMPT, '8163\r')
    await stopped.type(PROMPT, '8163\r')
    await stopped.type('anything else stops', '\r')
    expect(await stopped.ended).toBe(1)
    expect(lastResult()).toMatchObject({ error: 'AGENT_CANCELLED' })
    expect(await triesLeft()).toBe(1)

    const session = signIn(stage.provider.issueTicket())
    await session.type('anything else stops', 'yes\r')
    await session.type('This is the last try', '')
    await session.type(PROMPT, '72940\r')
    await session.type('no try was used', '')
    await session.type(PROMPT, '7294\r')
    expect(await session.ended).toBe(0)
    expect(await triesLeft()).toBe(3)
  })

  test('no card: said, waited for, and it goes on by itself', async () => {
    await take()
    const session = signIn(stage.provider.issueTicket())
    await session.type('Waiting until it is ready', '')
    await lay()
    await session.type(PROMPT, '7294\r')
    expect(await session.ended).toBe(0)
  })

  test('two cards: a number chooses', async () => {
    await lay()
    const second = await stage.attachCard({ authentication: { ...stage.issued, triesLeft: 2 } }, { slot: 1 })
    try {
      const session = signIn(stage.provider.issueTicket())
      await session.type('Number of the reader', '2\r')
      await session.type('Tries left: 2', '')
      await session.type(PROMPT, '1234\r')
      expect(await session.ended).toBe(0)
    } finally {
      await second.close()
    }
  })

  test('a telephone: the certificate is read after the PIN', async () => {
    await lay(3, 'JPKIAPGPSETOKEN')
    const session = signIn(stage.provider.issueTicket())
    await session.type(PROMPT, '7294\r')
    expect(await session.ended).toBe(0)
    expect(session.screen()).toContain('A smartphone is on the reader')
    expect(lastResult()).toMatchObject({ certificate: stage.issued.certificateDer.toString('base64') })
  })

  test.each([
    ['a provider that is not trusted', ['--provider', 'bank.example', '--ticket', 'A'.repeat(43)], 'PROVIDER_UNKNOWN'],
    ['a ticket that is none', ['--provider', 'bank.example', '--ticket', 'x'], 'ADDRESS_INVALID'],
  ])('attack 22: %s: refused with a code', async (_what, args, code) => {
    const { status, stdout, stderr } = await stage.run(['sign-in', ...args])
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toContain(code)
  })

  test('attack 28: a PIN that comes through a pipe is not taken: nobody is there', async () => {
    await lay()
    const provider = new URL(stage.provider.origin).host
    const { status, stderr } = await stage.run([
      ...['sign-in', '--provider', provider, '--ticket', stage.provider.issueTicket()],
    ])
    expect(status).toBe(1)
    expect(stderr).toContain('could not be opened')
    expect(lastResult()).toMatchObject({ error: 'AGENT_CANCELLED' })
  })
})

describe('sign-in with a real pinentry', () => {
  const PINENTRY = ['--pin-entry', 'pinentry', '--pinentry-program', 'pinentry-curses']

  test('its window names the site, takes the PIN, and keeps it off the screen', async () => {
    await lay()
    const session = signIn(stage.provider.issueTicket(), ...PINENTRY)
    await session.type('PIN (4 digits)', '8163\r')
    await session.type('That PIN is wrong', '7294\r')
    expect(await session.ended).toBe(0)
    expect(session.screen()).toContain('https://shop.example')
    expect(session.screen()).toContain('Tries left: 2')
    expect(session.screen()).not.toMatch(/8163|7294/)
    expect(await triesLeft()).toBe(3)
  })

  test('its cancel button: the person stopped', async () => {
    await lay()
    const session = signIn(stage.provider.issueTicket(), ...PINENTRY)
    await session.type('PIN (4 digits)', '72\t\t\r')
    expect(await session.ended).toBe(1)
    expect(lastResult()).toMatchObject({ error: 'AGENT_CANCELLED' })
    expect(await triesLeft()).toBe(3)
  })

  test('one try left: Enter stops; the other button goes on', async () => {
    await lay(1)
    const stopped = signIn(stage.provider.issueTicket(), ...PINENTRY)
    await stopped.type('Go on', '\r')
    expect(await stopped.ended).toBe(1)
    expect(await triesLeft()).toBe(1)
    const session = signIn(stage.provider.issueTicket(), ...PINENTRY)
    await session.type('Go on', '\t\r')
    await session.type('PIN (4 digits)', '7294\r')
    expect(await session.ended).toBe(0)
    expect(await triesLeft()).toBe(3)
  })

  test('in Japanese', async () => {
    await lay()
    const provider = new URL(stage.provider.origin).host
    const session = runInPty(
      [...AGENT_COMMAND, 'sign-in', '--provider', provider, '--ticket', stage.provider.issueTicket(), ...PINENTRY],
      { ...stage.environment, LC_MESSAGES: 'ja_JP.UTF-8' },
    )
    await session.type('暗証番号（数字4桁）', '7294\r')
    expect(await session.ended).toBe(0)
  })
})

describe('serve --pin-entry pinentry', () => {
  test('the page has no field; its button opens a pinentry, whose PIN goes to the card and nowhere else', async () => {
    await lay()
    const agent = await stage.start(['--pin-entry', 'pinentry', '--pinentry-program', FAKE_PINENTRY])
    const page = await agent.open(stage.provider.issueTicket())
    expect(page.text).not.toContain('name="pin"')
    expect((await submit(page, agent.url, 'ask-form')).page).toBe('done')
    expect(lastResult()).toHaveProperty('signature')
    expect(agent.output()).not.toMatch(/[^\d]7294[^\d]|37323934/)
    // What Node received last stays where it was received until something longer comes.
    await ask(`${agent.url}/`, { headers: { 'user-agent': 'x'.repeat(1000) } })
    expect(await scanMemory(agent.pid, [Buffer.from('D 7294'), Buffer.from('002000800437323934', 'hex')])).toEqual([])
  })

  test('no such program: said on the page, nothing spent', async () => {
    await lay()
    const agent = await stage.start(['--pin-entry', 'pinentry', '--pinentry-program', '/nonexistent/pinentry'])
    const page = await submit(await agent.open(stage.provider.issueTicket()), agent.url, 'ask-form')
    expect(page.page).toBe('pin')
    expect(page.text).toContain('入力の画面を開けませんでした')
    expect(await triesLeft()).toBe(3)
    await submit(page, agent.url, 'leave-form')
  })
})

describe('doctor and card', () => {
  test('all well: each step with its code, exit status 0', async () => {
    await lay()
    const { status, stdout } = await stage.run(['doctor'])
    expect(stdout.match(/^\[ OK \] \S+ +OK/gm)).toHaveLength(9)
    expect(stdout).toContain('Nothing is wrong.')
    expect(status).toBe(0)
  })

  test('what lies on the readers: kind, certificate, dates, tries; nothing is spent, nothing personal is said', async () => {
    await lay(2)
    const { status, stdout } = await stage.run(['card'])
    expect(status).toBe(0)
    expect(stdout).toMatch(/Card reader: Virtual PCD\n {2}My Number Card\n/)
    expect(stdout).toMatch(/certificate: present, valid from \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d/)
    expect(stdout).toContain('PIN tries left: 2')
    expect(stdout).toContain('No card.')
    for (const secret of [stage.issued.commonName, stage.issued.serialHex]) expect(stdout).not.toContain(secret)
    expect((await card?.log())?.filter(({ command }) => command.endsWith('****'))).toEqual([])
  })

  test('a locked telephone: said, exit status 1; at a sign-in no prompt, where to unlock, and the provider is told', async () => {
    await lay(0, 'JPKIAPGPSETOKEN')
    const { status, stdout } = await stage.run(['card'])
    expect(status).toBe(1)
    expect(stdout).toMatch(/Smartphone \(Android\)[\s\S]*only after the PIN[\s\S]*locked/)
    const session = signIn(stage.provider.issueTicket())
    expect(await session.ended).toBe(1)
    expect(session.screen()).not.toContain(PROMPT)
    expect(session.screen()).toContain('municipal office')
    expect(session.screen()).toContain('convenience-store kiosk')
    expect(lastResult()).toMatchObject({ error: 'PIN_BLOCKED' })
  })
})
