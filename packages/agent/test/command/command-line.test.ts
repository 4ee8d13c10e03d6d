import { spawn } from 'node:child_process'
import { chmod, copyFile, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SHIM, runCommand } from '../support/run-command.ts'
import { ask } from '../support/browse.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agent-command-'))
})
afterEach(async () => {
  await rm(directory, { recursive: true })
})
/** No trust list, and no PC/SC service but our own silence. */
const env = () => ({ XDG_CONFIG_HOME: directory, PCSCLITE_CSOCK_NAME: join(directory, 'no-pcscd') })

describe('the command', () => {
  test('--help in English and in Japanese, --version', async () => {
    const english = await runCommand(['--help'], { env: env() })
    expect(english).toMatchObject({ status: 0, stderr: '' })
    for (const word of ['serve', 'trust', 'doctor', 'Usage:']) expect(english.stdout).toContain(word)
    const japanese = await runCommand(['--help'], { env: { ...env(), LANG: 'ja_JP.UTF-8' } })
    expect(japanese.stdout).toContain('使い方:')
    expect((await runCommand(['--version'], { env: env() })).stdout).toBe('0.1.0\n')
  })

  test.each([
    [['nonsense']],
    [['serve', '--port', 'x']],
    [['serve', '--port', '70000']],
    [['serve', '--port', '-1']],
    [['serve', '--log-level', 'loud']],
    [['trust', 'add']],
    [['trust', 'add', 'http://op.example', '--development']],
    [['trust', 'remove', 'op.example']],
    [['sign', 'ab'.repeat(32)]],
  ])('%j: exit status 1 and a word on standard error', async (args) => {
    const { status, stdout, stderr } = await runCommand(args, { env: env() })
    expect(status).toBe(1)
    expect(stdout).toBe('')
    expect(stderr.length).toBeGreaterThan(10)
  })

  test('doctor without a PC/SC service: codes, one remedy each, exit status 1', async () => {
    const { status, stdout } = await runCommand(['doctor'], { env: env() })
    expect(status).toBe(1)
    expect(stdout).toMatch(/\[FAIL\] service {5}READER_SERVICE_UNAVAILABLE/)
    expect(stdout).toMatch(/\[ -- \] reader {6}NOT_CHECKED/)
    expect(stdout).toMatch(/\[FAIL\] provider {4}PROVIDER_NONE_TRUSTED/)
  })

  test('serve: says where it is, answers there, ends on SIGTERM with status 0', async () => {
    const child = spawn(process.execPath, [SHIM, 'serve', '--port', '0', '--log-level', 'silent'], {
      env: { PATH: process.env['PATH'], LANG: 'C', ...env() },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const ended = new Promise((resolve) => child.once('exit', resolve))
    await expect.poll(() => said, { timeout: 10_000 }).toContain('No sign-in service is trusted yet')
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? ''
    expect((await ask(`${url}/`)).page).toBe('home')
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  })

  test('serve on a busy port: says so and what to do', async () => {
    const stranger = createServer()
    await new Promise<void>((resolve) => {
      stranger.listen(0, '127.0.0.1', resolve)
    })
    const { port } = stranger.address() as AddressInfo
    const { status, stderr } = await runCommand(['serve', '--port', String(port), '--log-level', 'silent'], {
      env: env(),
    })
    stranger.close()
    expect(status).toBe(75)
    expect(stderr).toContain(`Port ${String(port)} is used by another program`)
  })

  test('serve with a damaged trust list: says so, does not start', async () => {
    await mkdir(join(directory, 'sekisho-agent'))
    await writeFile(join(directory, 'sekisho-agent', 'trust.json'), '{', { mode: 0o600 })
    const { status, stderr } = await runCommand(['serve', '--port', '0', '--log-level', 'silent'], { env: env() })
    expect(status).toBe(1)
    expect(stderr).toContain('trust.json')
  })
})

describe('the shim', () => {
  test('may be executed', async () => {
    expect((await stat(SHIM)).mode & 0o111).toBe(0o111)
  })

  /** An older Node, played by a program that says so and then runs the shim with the real one. */
  async function olderNode(version: string): Promise<string> {
    const preload = join(directory, 'older.cjs')
    await writeFile(
      preload,
      `if (!process.env.HANDED_OVER) { process.env.HANDED_OVER = '1'
        Object.defineProperty(process.versions, 'node', { value: '${version}' })
        Object.defineProperty(process, 'version', { value: 'v${version}' }) }`,
    )
    const path = join(directory, 'node')
    await writeFile(path, `#!/bin/sh\nexec "${process.execPath}" --require "${preload}" "$@"\n`)
    await chmod(path, 0o755)
    return path
  }

  test.each(['18.19.1', '20.20.2', '22.17.0', '23.5.0'])(
    'started by Node %s: hands over to the bundled one',
    async (version) => {
      const node = await olderNode(version)
      const { status, stdout } = await runCommand(['trust', 'list'], { env: env(), node })
      expect({ status, stdout }).toEqual({ status: 0, stdout: 'No sign-in service is trusted.\n' })
      const failed = await runCommand(['trust', 'remove', 'nobody'], { env: env(), node })
      expect(failed.status).toBe(1)
    },
  )

  test('started by an older Node with no other at hand: says which is needed', async () => {
    const shim = join(directory, 'bin', 'sekisho-agent.js')
    await mkdir(join(directory, 'bin'))
    await copyFile(SHIM, shim)
    await writeFile(join(directory, 'package.json'), '{"type":"module"}')
    const { status, stderr } = await runCommand(['--version'], { env: env(), node: await olderNode('20.20.2'), shim })
    expect(status).toBe(69)
    expect(stderr).toContain('needs Node 22.18 or newer; this is v20.20.2')
  })
})
