import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const SHIM = fileURLToPath(new URL('../bin/sekisho-jpki.js', import.meta.url))
const keys = mkdtempSync(join(tmpdir(), 'sekisho-jpki-command-'))

type Serving = ChildProcessByStdio<null, Readable, Readable>
const start = (...args: readonly string[]): Serving =>
  spawn(process.execPath, [SHIM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })

async function run(...args: readonly string[]): Promise<{ status: unknown; stdout: string; stderr: string }> {
  const child = start(...args)
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const [status] = (await once(child, 'close')) as [unknown]
  return { status, stdout, stderr }
}

/** What `serve` says first. */
function urlOf(child: Serving): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const [url] = /http:\/\/127\.0\.0\.1:\d+(?=\n)/.exec(said) ?? []
      if (url !== undefined) resolve(url)
    })
    child.once('exit', () => reject(new Error('serve ended without saying where it is')))
  })
}

let serving: Serving
let url: string
beforeAll(async () => {
  serving = start('serve', '--keys', keys)
  url = await urlOf(serving)
})
afterAll(async () => {
  serving.kill('SIGTERM')
  const [status] = (await once(serving, 'exit')) as [unknown]
  await rm(keys, { recursive: true, force: true })
  expect(status).toBe(0)
})

describe('the command refuses', () => {
  test.each([
    ['an event that there is not', ['event', 'hug', '--persona', 'taro']],
    ['an event that happens to nobody', ['event', 'renew']],
    ['another machine', ['people', '--url', 'http://192.0.2.7:3002']],
    ['another machine by its name', ['people', '--url', 'http://localhost.evil.example']],
    ['a port that is none', ['serve', '--port', '70000']],
    ['an unknown misbehaviour', ['misbehave', '--linkage', 'be-nice']],
    ['an unknown command', ['nonsense']],
  ])('%s: exit status 1 and a word on standard error', async (_name, args) => {
    const { status, stdout, stderr } = await run(...args)
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr.length).toBeGreaterThan(20)
  })

  test('what the service refuses: its word and code, exit status 1', async () => {
    expect(await run('event', 'renew', '--persona', 'nobody', '--url', url)).toEqual({
      status: 1,
      stdout: '',
      stderr: 'nobody is called that (PERSONA_UNKNOWN)\n',
    })
    expect(await run('clock', 'advance', 'tomorrow', '--url', url)).toMatchObject({ status: 1, stdout: '' })
  })

  test('a service that is not there: exit status 69 and what to do', async () => {
    const free = createServer().listen(0, '127.0.0.1')
    await once(free, 'listening')
    const { port } = free.address() as AddressInfo
    free.close()
    await once(free, 'close')
    const { status, stderr } = await run('people', '--url', `http://127.0.0.1:${port}`)
    expect(status).toBe(69)
    expect(stderr).toContain('--url')
  })

  test('a port that is taken: exit status 1 and what to do', async () => {
    const { status, stderr } = await run('serve', '--port', new URL(url).port, '--keys', keys)
    expect(status).toBe(1)
    expect(stderr).toContain('--port 0')
  })
})

describe('the command', () => {
  test('lets things happen, and says what they did, without a number', async () => {
    const { status, stdout } = await run('event', 'renew', '--persona', 'one-try-left', '--url', url)
    expect(status).toBe(0)
    expect(stdout).toMatch(
      new RegExp(
        [
          '^renew: one-try-left, \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z',
          '  revoked  card authentication \\(authentication-3\\): superseded',
          '  revoked  card signature \\(signature-3\\): superseded',
          '  issued   card authentication \\(authentication-3\\): renewed',
          '  issued   card signature \\(signature-3\\): renewed\n$',
        ].join('\n'),
      ),
    )
    const { stdout: again } = await run('event', 'move', '--persona', 'one-try-left', '--address', '隣町', '--url', url)
    expect(again).toContain('card signature (signature-3): affiliationChanged')
    const { stdout: third } = await run('event', 'marry', '--persona', 'one-try-left', '--url', url)
    expect(third).toContain('no certificate changes')
  })

  test('shows everybody', async () => {
    await run('event', 'phone', '--persona', 'hanako', '--url', url)
    await run('event', 'die', '--persona', 'hanako', '--url', url)
    const { stdout } = await run('people', '--url', url)
    expect(stdout).toMatch(/^taro +card +authentication good until \d{4}-04-15, signature good/m)
    expect(stdout).toMatch(/^hanako +card +authentication revoked: cessationOfOperation, .*\(has died\)$/m)
    expect(stdout).toMatch(/^ +phone +authentication revoked: cessationOfOperation/m)
  })

  test('moves the clock', async () => {
    expect((await run('clock', 'set', '2031-01-01T00:00:00Z', '--url', url)).stdout).toMatch(/^2031-01-01T00:00:0/)
    const advanced = await run('clock', 'advance', 'P1Y', '--json', '--url', url)
    expect(JSON.parse(advanced.stdout)).toEqual({
      now: expect.stringMatching(/^2032-01-01T/) as unknown,
      offset_ms: expect.any(Number) as unknown,
    })
    expect((await run('clock', 'reset', '--url', url)).stdout).toMatch(/the real time\n$/)
  })

  test('orders misbehaviour, and takes it back', async () => {
    expect((await run('misbehave', '--linkage', 'down', '--url', url)).stdout).toBe('linkage: down\n')
    const standing = async (): Promise<unknown> => (await fetch(`${url}/control/misbehaviour`)).json()
    expect(await standing()).toMatchObject({ linkage: 'down', ocsp: null })
    expect((await run('misbehave', '--url', url)).stdout).toBe('all services behave\n')
    expect(await standing()).toMatchObject({ linkage: null })
  })

  test('--help names every command', async () => {
    const { status, stdout } = await run('--help')
    expect(status).toBe(0)
    for (const name of ['serve', 'event', 'clock', 'people', 'misbehave']) expect(stdout).toContain(name)
  })
})
