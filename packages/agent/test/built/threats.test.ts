import { createHash } from 'node:crypto'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { AGENT_FAILURE_CODES, buildTranscript, signedResponseSchema } from '@sekisho/protocol'
import type { Misbehaviour, MisbehaviourScript } from '@sekisho/virtual-card'
import type { AttachedCard } from '../../../../test/support/pcscd.ts'
import { ask, fieldOf, submit, watch, type Answer } from '../support/browse.ts'
import { setBuiltStage, type BuiltAgent, type BuiltStage } from '../support/built-agent.ts'
import { sendJson } from '../support/fake-provider.ts'
import { scanMemory } from '../support/scan-memory.ts'

/** Everything here is done to `sekisho-agent serve` as a process of its own, with a real PC/SC service under it. */
let stage: BuiltStage
let agent: BuiltAgent
let card: AttachedCard
/** Digits that turn up nowhere by chance in the forms looked for below. */
const PIN = '7294'

beforeAll(async () => {
  stage = await setBuiltStage()
  ;[agent, card] = await Promise.all([
    stage.start(),
    stage.attachCard({ authentication: { ...stage.issued, pin: PIN } }),
  ])
})
afterAll(async () => {
  await stage.stop()
})
afterEach(async () => {
  stage.provider.misbehave(undefined)
  await card.follow({})
  await card.insert()
  await leaveOpenCeremony()
})

const provider = () => new URL(stage.provider.origin).host
const port = () => new URL(agent.url).port
const triesLeft = async () => (await card.triesLeft()).authentication
/** A PIN, or a signature, that the card has seen. */
const spentOrSigned = async () =>
  (await card.log()).filter(({ name, command }) => name === 'SIGN' || (name === 'VERIFY' && command.endsWith('****')))
    .length

/** The one place is free again for the next test. */
async function leaveOpenCeremony(): Promise<void> {
  const busy = await agent.open(stage.provider.issueTicket())
  const open = busy.code === 'CEREMONY_BUSY' ? await follow(await submit(busy, agent.url, 'replace-form')) : busy
  if (open.text.includes('leave-form')) await submit(open, agent.url, 'leave-form')
}
const follow = (moved: Answer) => ask(`${agent.url}${String(moved.headers['location'])}`)

/** Does something, and looks that nothing was signed, presented or told for it. */
async function expectNothingSigned(attack: () => Promise<unknown>): Promise<void> {
  const before = [await spentOrSigned(), stage.provider.results().length]
  await attack()
  expect([await spentOrSigned(), stage.provider.results().length]).toEqual(before)
  expect(await triesLeft()).toBe(3)
}

describe('attack 22, 23, 24: requests to the built agent', () => {
  const FORM = 'application/x-www-form-urlencoded'
  const post = (path: string, body: string, headers: Record<string, string>) =>
    ask(`${agent.url}${path}`, { method: 'POST', body, headers: { 'content-type': FORM, ...headers } })

  test('a foreign Host (DNS rebinding), a foreign or missing Origin, a preflight, a script: all refused, nothing signed', async () => {
    await expectNothingSigned(async () => {
      const page = await agent.open(stage.provider.issueTicket())
      expect(page.page).toBe('pin')
      const [token, form] = [fieldOf(page, 'token'), fieldOf(page, 'form')]
      const body = new URLSearchParams({ token, form, pin: PIN }).toString()
      const asked: Answer[] = []
      for (const host of [
        'evil.example',
        `evil.example:${port()}`,
        `localhost:${port()}`,
        '127.0.0.1',
        `0.0.0.0:${port()}`,
      ]) {
        asked.push(await post('/sign-in/pin', body, { host, origin: `http://${host}` }))
        asked.push(await ask(`${agent.url}/doctor`, { headers: { host } }))
      }
      for (const origin of [
        undefined,
        'https://evil.example',
        stage.provider.origin,
        'null',
        `http://localhost:${port()}`,
      ]) {
        const headers: Record<string, string> = origin === undefined ? {} : { origin }
        for (const path of ['pin', 'confirm', 'choose', 'ask', 'key', 'leave', 'replace', 'watch']) {
          asked.push(await post(`/sign-in/${path}`, body, headers))
        }
      }
      for (const [mode, dest] of [
        ['cors', 'empty'],
        ['no-cors', 'image'],
        ['navigate', 'iframe'],
      ] as const) {
        const headers = { 'sec-fetch-mode': mode, 'sec-fetch-dest': dest, 'sec-fetch-site': 'cross-site' }
        asked.push(await ask(`${agent.url}/sign-in?provider=${provider()}&ticket=${'A'.repeat(43)}`, { headers }))
      }
      expect(asked.map(({ status, code }) => `${String(status)} ${String(code)}`)).toEqual(
        new Array(asked.length).fill('403 REQUEST_FOREIGN'),
      )
      const preflight = await ask(`${agent.url}/sign-in/pin`, {
        method: 'OPTIONS',
        headers: {
          origin: 'https://evil.example',
          'access-control-request-method': 'POST',
          'access-control-request-private-network': 'true',
          'access-control-request-local-network': 'true',
        },
      })
      expect(preflight.status).toBe(405)
      for (const { headers } of [...asked, preflight]) {
        expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
      }
    })
  })

  test('another user of this computer: refused, on both addresses', async () => {
    const get = (host: string, address: string) =>
      promisify(execFile)('setpriv', [
        ...['--reuid', '65534', '--regid', '65534', '--clear-groups', 'bash', '-c'],
        `exec 3<>/dev/tcp/${address}/${port()}; printf 'GET / HTTP/1.1\\r\\nHost: ${host}:${port()}\\r\\nConnection: close\\r\\n\\r\\n' >&3; head -1 <&3`,
      ])
    expect((await get('127.0.0.1', '127.0.0.1')).stdout).toContain('403 Forbidden')
    expect((await get('[::1]', '::1')).stdout).toContain('403 Forbidden')
    expect((await ask(`${agent.url}/`)).status).toBe(200)
  })

  test('a provider that is not trusted, a deep link that brings a host: no connection, no way to add it', async () => {
    const bank = await listenSomewhere()
    try {
      const { port: elsewhere } = bank.address() as AddressInfo
      let connections = 0
      bank.on('connection', () => (connections += 1))
      for (const name of [
        `localhost:${String(elsewhere)}`,
        'bank.example',
        `http://localhost:${String(elsewhere)}`,
        `${provider()}@localhost:${String(elsewhere)}`,
      ]) {
        const answer = await ask(
          `${agent.url}/sign-in?${new URLSearchParams({ provider: name, ticket: 'A'.repeat(43) }).toString()}`,
        )
        expect(answer.code).toMatch(/^(PROVIDER_UNKNOWN|ADDRESS_INVALID)$/)
        expect(answer.text).not.toMatch(/<form|<button/)
      }
      expect(connections).toBe(0)
    } finally {
      bank.close()
    }
  })

  test.each(['/sign', '/digest', '/sign-in/sign', '/api/sign', '/sign-in/pin/..', '/card', '/apdu'])(
    'no oracle at %s, by any method',
    async (path) => {
      await expectNothingSigned(async () => {
        for (const method of ['GET', 'POST', 'PUT']) {
          const body = JSON.stringify({ digest: 'ab'.repeat(32), pin: PIN })
          const headers = { origin: agent.url, 'content-type': 'application/json' }
          const answer = await ask(`${agent.url}${path}`, { method, headers, ...(method === 'GET' ? {} : { body }) })
          expect(answer.status).toBeGreaterThanOrEqual(400)
        }
      })
    },
  )

  test('what the card signs is the transcript of this provider and this ticket, whatever the ticket holds', async () => {
    const nonce = createHash('sha256').update('chosen by an attacker').digest('base64url')
    const context = `3031300d060960864801650304020105000420${'ab'.repeat(32)}`
    const ticketId = stage.provider.issueTicket({ nonce, context })
    await submit(await agent.open(ticketId), agent.url, 'pin-form', { pin: PIN })
    signedResponseSchema.parse(stage.provider.results().at(-1))
    const transcript = buildTranscript({ providerOrigin: stage.provider.origin, nonce, context })
    const digest = createHash('sha256').update(transcript).digest('hex').toUpperCase()
    const signed = (await card.log()).filter(({ name }) => name === 'SIGN').at(-1)
    expect(signed?.command).toBe(`802A0080333031300D060960864801650304020105000420${digest}00`)
  })

  test('attack 19, 20: a ticket that somebody else has fetched, and a relayed one', async () => {
    const taken = stage.provider.issueTicket()
    await ask(`${stage.provider.origin.replace('localhost', '127.0.0.1')}/agent/tickets/${taken}`)
    expect(await agent.open(taken)).toMatchObject({ status: 410, code: 'TICKET_REFUSED' })
    // A ticket from an attacker's browser: the page says for which site it is, and its end is an address of that provider, which
    // is worth nothing but in that browser (protocol.md, "The relay rule"; the provider's side: sign-in-pages.test.ts).
    const relayed = stage.provider.issueTicket({
      relying_party: { name: 'Attack', origin: 'https://attacker.example' },
    })
    const page = await agent.open(relayed)
    expect(page.text).toContain('https://attacker.example')
    const done = await submit(page, agent.url, 'pin-form', { pin: PIN })
    expect(done.text).toContain(`href="${stage.provider.origin}/sign-in/complete`)
    expect(done.text).not.toContain('href="https://attacker.example')
  })

  test('attack 29: two ceremonies at once: the second gets 409, is not fetched, and the first goes on', async () => {
    const page = await agent.open(stage.provider.issueTicket())
    const second = stage.provider.issueTicket()
    expect(await agent.open(second)).toMatchObject({ status: 409, code: 'CEREMONY_BUSY' })
    expect(stage.provider.seen.filter(({ path }) => path.includes(second))).toEqual([])
    expect((await submit(page, agent.url, 'pin-form', { pin: PIN })).page).toBe('done')
  })

  test.each<[string, number, unknown]>([
    ['a ticket of a megabyte', 200, { format: 'sekisho:1', nonce: 'x'.repeat(1_000_000) }],
    ['a redirect', 302, {}],
    ['nonsense', 200, [[[[]]]]],
  ])('attack 18: a provider that answers with %s: refused, and the next one is served', async (_what, status, body) => {
    const ticketId = stage.provider.issueTicket()
    stage.provider.misbehave((_request, response) => {
      if (status === 302) response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
      else sendJson(response, status, body)
      return true
    })
    expect(await agent.open(ticketId)).toMatchObject({ status: 502, code: 'PROVIDER_ANSWER_INVALID' })
    stage.provider.misbehave(undefined)
    expect((await agent.open(stage.provider.issueTicket())).page).toBe('pin')
  })
})

describe('attack 23: a stranger on the port', () => {
  test.each(['127.0.0.1', '::1'])(
    'somebody waits on %s: the agent does not start beside it, and says so',
    async (host) => {
      const stranger = await listenSomewhere(host)
      try {
        const { port: taken } = stranger.address() as AddressInfo
        const { status, stdout, stderr } = await stage.run(['serve', '--port', String(taken)])
        expect([status, stdout]).toEqual([75, ''])
        expect(stderr).toContain(`(process ${String(process.pid)})`)
        expect(stderr).toContain(`Port ${String(taken)} is used by another program`)
      } finally {
        stranger.close()
      }
    },
  )

  test('nobody can take a port of the running agent on the other address', async () => {
    await expect(listenSomewhere('::1', Number(port()))).rejects.toThrow('EADDRINUSE')
    await expect(listenSomewhere('127.0.0.1', Number(port()))).rejects.toThrow('EADDRINUSE')
  })
})

describe('attack 30: hostile cards', () => {
  const garbage = (hex: string): MisbehaviourScript => ({
    rules: [{ when: { name: 'READ BINARY', nth: 2 }, times: 999, do: { kind: 'answer', bytes: `${hex}9000` } }],
  })

  test.each<[string, MisbehaviourScript]>([
    ['endless 61xx', { rules: [{ when: { name: 'READ BINARY' }, do: { kind: 'endless-more-data' } }] }],
    ['endless 6Cxx', { rules: [{ when: { name: 'READ BINARY' }, do: { kind: 'endless-wrong-length' } }] }],
    ['answers too long', { rules: [{ when: { name: 'READ BINARY' }, do: { kind: 'lengthen', bytes: 300 } }] }],
    ['a certificate of garbage', garbage('30820400'.padEnd(512, '05'))],
    ['a certificate of 4 GiB', garbage('3084ffffffff'.padEnd(512, '05'))],
    ['a certificate without end', garbage('3080'.padEnd(512, '30'))],
    ['noise', { rules: [{ do: { kind: 'noise', seed: 11 } }] }],
  ])('%s: a code of the protocol, no PIN asked for, and the agent lives', async (_what, script) => {
    await expectNothingSigned(async () => {
      await card.follow(script)
      const page = await agent.open(stage.provider.issueTicket())
      expect(page.page).toBe('problem')
      expect(AGENT_FAILURE_CODES).toContain(page.code)
      expect(page.text).not.toContain('name="pin"')
    })
  })
})

/** SELECT AP, SELECT 0006, READ, SELECT 000A, 4 READs, SELECT 0018, tries: the same before the PIN is asked for and before VERIFY. */
const LOOKING = 10
/** VERIFY, SELECT 0017, SIGN. */
const SIGNING = LOOKING + 3

describe('attack 27: the card pulled at every single command', () => {
  // The same commands come again below, before VERIFY; each takes two seconds of a reader's time. SEKISHO_EVERY_COMMAND=1: all.
  const LOOKED_AT =
    process.env['SEKISHO_EVERY_COMMAND'] === '1'
      ? Array.from({ length: LOOKING }, (_value, index) => index + 1)
      : [1, 6, LOOKING]
  test.each(LOOKED_AT)(
    'command %i before the PIN is asked for: a code, no field; put back, the page goes on by itself',
    async (nth) => {
      await card.follow({ rules: [{ when: { nth }, do: removal(nth) }] })
      const page = await agent.open(stage.provider.issueTicket())
      expect(page.page).toBe('problem')
      expect(AGENT_FAILURE_CODES).toContain(page.code)
      await card.follow({})
      await card.insert()
      expect((await untilPin(page)).page).toBe('pin')
      expect(await triesLeft()).toBe(3)
    },
  )

  test.each(Array.from({ length: SIGNING }, (_value, index) => index + 1))(
    'command %i of a signing: a code, nothing told to the provider, one VERIFY at most, no try spent; put back, it signs',
    async (nth) => {
      const told = stage.provider.results().length
      const page = await agent.open(stage.provider.issueTicket())
      const seen = await spentOrSigned()
      await card.follow({ rules: [{ when: { nth }, do: removal(nth) }] })
      const pulled = await submit(page, agent.url, 'pin-form', { pin: PIN })
      expect([pulled.page, AGENT_FAILURE_CODES.includes(pulled.code as 'CARD_REMOVED')]).toEqual(['problem', true])
      expect(stage.provider.results()).toHaveLength(told)
      expect((await spentOrSigned()) - seen).toBeLessThanOrEqual(2)
      expect(await triesLeft()).toBe(3)
      await card.follow({})
      await card.insert()
      const again = await untilPin(pulled)
      expect((await submit(again, agent.url, 'pin-form', { pin: PIN })).page).toBe('done')
    },
  )

  const removal = (nth: number): Misbehaviour => ({ kind: nth % 2 === 0 ? 'remove-before' : 'remove-after' })

  /** The page as its script keeps it: asked again for as long as it shows a problem. */
  async function untilPin(page: Answer): Promise<Answer> {
    let shown = page
    for (let rounds = 0; rounds < 5 && shown.page !== 'pin'; rounds += 1) {
      const next = await watch(shown, agent.url)
      if (next.status === 200) shown = next
    }
    return shown
  }
})

describe('attack 27: pcscd', () => {
  test('killed while the page is open: the page says so by itself; started again, it goes on by itself', async () => {
    const page = await agent.open(stage.provider.issueTicket())
    const next = watch(page, agent.url)
    await stage.pcscd.kill()
    const dead = await next
    expect(dead.code).toBe('READER_SERVICE_UNAVAILABLE')
    const back = watch(dead, agent.url)
    await stage.pcscd.restart()
    await card.insert()
    let shown = await back
    while (shown.status === 200 && shown.page !== 'pin') shown = await watch(shown, agent.url)
    expect((await submit(shown, agent.url, 'pin-form', { pin: PIN })).page).toBe('done')
    expect(await triesLeft()).toBe(3)
  })
})

describe('attack 28: where the PIN is not', () => {
  test('argv, environment, log, provider, memory after use, core dump', async () => {
    // An agent that has seen no PIN but these two: what it refuses unread, from a foreign page, is the sender's own.
    const agent = await stage.start()
    const page = await agent.open(stage.provider.issueTicket())
    const wrong = await submit(page, agent.url, 'pin-form', { pin: '8163' })
    expect((await submit(wrong, agent.url, 'pin-form', { pin: PIN })).page).toBe('done')

    const proc = `/proc/${String(agent.pid)}`
    for (const file of ['cmdline', 'environ']) expect(await readFile(`${proc}/${file}`, 'latin1')).not.toContain(PIN)
    const forms = (pin: string) => [
      Buffer.from(`pin=${pin}`),
      Buffer.from(`0020008004${Buffer.from(pin).toString('hex')}`, 'hex'),
    ]
    for (const form of [PIN, '8163'].flatMap(forms)) {
      expect(agent.output()).not.toContain(form.toString('latin1'))
      expect(agent.output().toUpperCase()).not.toContain(form.toString('hex').toUpperCase())
      for (const { path, body } of stage.provider.seen) expect(path + body).not.toContain(form.toString('latin1'))
    }
    expect(agent.output()).not.toMatch(/"7294"|"8163"|=7294|=8163/)

    // The parser of HTTP holds the last request until a longer one comes: the browser's next page.
    await ask(`${agent.url}/`, { headers: { 'user-agent': 'x'.repeat(1000) } })
    // A core dump holds no memory (core(5)), and what a dump by force would find is looked for in the memory itself.
    expect((await readFile(`${proc}/coredump_filter`, 'latin1')).trim()).toBe('00000000')
    expect(await scanMemory(agent.pid, [PIN, '8163'].flatMap(forms))).toEqual([])
  })

  test('the search finds what is there: a form that the agent refuses to read stays in its memory', async () => {
    // The control of the test above: without it, a search that looks in the wrong place would be content.
    const marker = `mark=${createHash('sha256').update('control').digest('hex')}`
    await ask(`${agent.url}/?${marker}`)
    expect(await scanMemory(agent.pid, [Buffer.from(marker)])).toEqual([marker])
  })
})

async function listenSomewhere(host = '127.0.0.1', at = 0): Promise<Server> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port: at, ipv6Only: host === '::1' }, resolve)
  })
  return server
}
