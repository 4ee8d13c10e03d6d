import { execFile } from 'node:child_process'
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { freePorts } from '../../../../test/support/free-port.ts'
import { createProgram } from '../../src/command/create-program.ts'
import { launchActions } from '../../src/command/launch-actions.ts'
import type { Terminal } from '../../src/command/terminal.ts'
import { findPortHolder } from '../../src/launch/who-holds-port.ts'
import { translator } from '../../src/text/translate.ts'
import { AGENT_COMMAND } from '../support/agent-command.ts'
import { ask } from '../support/browse.ts'
import { endAgent } from '../support/end-agent.ts'
import { runCommand, type CommandResult } from '../support/run-command.ts'

const run = promisify(execFile)
let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'agent-install-'))
})
afterEach(async () => {
  await rm(home, { recursive: true })
})

const environment = () => ({
  HOME: home,
  XDG_CONFIG_HOME: join(home, '.config'),
  XDG_DATA_HOME: join(home, '.local/share'),
  PCSCLITE_CSOCK_NAME: join(home, 'no-pcscd'),
})
const [file, ...first] = AGENT_COMMAND

/** The command in this process, as somebody who is not root, whoever runs the tests. */
async function agent(args: readonly string[], { uid = 1000 } = {}): Promise<CommandResult> {
  const [stdout, stderr]: [string[], string[]] = [[], []]
  const terminal: Terminal = {
    say: (line) => stdout.push(`${line}\n`),
    complain: (line) => stderr.push(`${line}\n`),
    ask: () => Promise.resolve(undefined),
    isInteractive: false,
  }
  const t = translator('en')
  const { execPath, argv } = process
  const actions = launchActions({
    process: { env: environment(), platform: 'linux', execPath, argv, getuid: () => uid },
    terminal,
    t,
  })
  let status: number | null = null
  const none = () => Promise.reject(new Error('not of these commands'))
  const others = {
    serve: none,
    signIn: none,
    card: none,
    trustAdd: none,
    trustList: none,
    trustRemove: none,
    doctor: none,
  }
  await createProgram({ ...others, ...actions }, t, (ended) => (status = ended)).parseAsync(['node', 'agent', ...args])
  return { status, stdout: stdout.join(''), stderr: stderr.join('') }
}

/** The command as a process of its own. */
const command = (args: readonly string[]): Promise<CommandResult> =>
  runCommand([...first, ...args], { command: file, env: environment() })
const inHome = (path: string) => join(home, path)
const UNIT = '.config/systemd/user/sekisho-agent.service'
const LINK = '.config/systemd/user/default.target.wants/sekisho-agent.service'
const AUTOSTART = '.config/autostart/sekisho-agent.desktop'
const HANDLER = '.local/share/applications/sekisho-agent-url.desktop'
const LIST = '.config/mimeapps.list'

/** Everything in the home, with its content. */
async function contents(): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isSymbolicLink()) found[path] = `-> ${await readlink(path)}`
    else if (entry.isFile()) found[path] = await readFile(path, 'utf8')
  }
  return found
}

async function plant(path: string, text: string): Promise<void> {
  await mkdir(dirname(inHome(path)), { recursive: true })
  await writeFile(inHome(path), text)
}

describe('install', () => {
  test('as root: refused, nothing written', async () => {
    for (const verb of ['install', 'uninstall']) {
      const { status, stderr } = await agent([verb], { uid: 0 })
      expect([status, stderr]).toEqual([1, expect.stringContaining('Not as root')])
    }
    expect(await contents()).toEqual({})
  })

  test.each([
    ['a unit of the same name', UNIT, '[Service]\nExecStart=/usr/bin/true\n'],
    ['a handler of the same name', HANDLER, '[Desktop Entry]\nName=Other\n'],
    [
      'another application chosen for the scheme',
      LIST,
      '[Default Applications]\nx-scheme-handler/sekisho-agent=other.desktop\n',
    ],
  ])('%s: said, and nothing at all is changed, by uninstall neither', async (_what, path, text) => {
    await plant(path, text)
    const { status, stderr } = await agent(['install', '--autostart', 'systemd'])
    expect(status).toBe(1)
    expect(stderr).toContain(inHome(path))
    expect((await agent(['uninstall'])).status).toBe(0)
    expect(await contents()).toEqual({ [inHome(path)]: text })
  })

  test('a link where a file should be is a stranger’s, wherever it leads', async () => {
    await mkdir(dirname(inHome(UNIT)), { recursive: true })
    await symlink('/dev/null', inHome(UNIT))
    expect((await agent(['install', '--autostart', 'systemd'])).status).toBe(1)
    expect(await contents()).toEqual({ [inHome(UNIT)]: '-> /dev/null' })
  })

  test.each(['--dry-run', '--print'])('%s: shows, changes nothing', async (flag) => {
    const { status, stdout } = await agent(['install', '--autostart', 'systemd', flag])
    expect(status).toBe(0)
    for (const path of [UNIT, HANDLER, LIST]) expect(stdout).toContain(inHome(path))
    expect(await contents()).toEqual({})
  })

  test('systemd: its own judge, the desktop’s and the scheme’s; twice is once; uninstall leaves what was there', async () => {
    const before = '[Default Applications]\ntext/html=web.desktop\n'
    await plant(LIST, before)
    expect((await agent(['status'])).status).toBe(1)
    expect(await agent(['install', '--autostart', 'systemd'])).toMatchObject({ status: 0, stderr: '' })
    const installed = await contents()
    expect(Object.keys(installed).toSorted()).toEqual([HANDLER, LINK, UNIT, LIST].map(inHome).toSorted())

    await run('systemd-analyze', ['verify', '--man=no', inHome(UNIT)])
    expect(await readlink(inHome(LINK))).toBe('../sekisho-agent.service')
    await run('desktop-file-validate', [inHome(HANDLER)])
    const query = ['query', 'default', 'x-scheme-handler/sekisho-agent']
    expect((await run('xdg-mime', query, { env: { ...process.env, ...environment() } })).stdout).toBe(
      'sekisho-agent-url.desktop\n',
    )

    const again = await agent(['install'])
    expect(again.stdout).not.toContain('wrote')
    expect(await contents()).toEqual(installed)
    expect(await agent(['status', '--port', String((await freePorts(1))[0])])).toMatchObject({ status: 0 })

    expect((await agent(['uninstall'])).status).toBe(0)
    expect(await contents()).toEqual({ [inHome(LIST)]: before })
    expect((await agent(['uninstall'])).stdout).toContain('nothing to take away')
  })

  test('from one way of autostart to another: the first goes; an old file of ours is brought up to date', async () => {
    await agent(['install', '--autostart', 'systemd'])
    await agent(['install', '--autostart', 'xdg'])
    expect(Object.keys(await contents()).toSorted()).toEqual([AUTOSTART, HANDLER, LIST].map(inHome).toSorted())
    await run('desktop-file-validate', [inHome(AUTOSTART)])
    const text = await readFile(inHome(AUTOSTART), 'utf8')
    await writeFile(inHome(AUTOSTART), text.replace(/^Exec=.*$/m, 'Exec=/old/place/sekisho-agent serve'))
    expect((await agent(['status'])).stdout).toContain(`[old ]  ${inHome(AUTOSTART)}`)
    expect((await agent(['install'])).stdout).toContain(`wrote      ${inHome(AUTOSTART)}`)
    expect(await readFile(inHome(AUTOSTART), 'utf8')).toBe(text)
  })

  test('a list of applications that is a link stays one', async () => {
    await plant('dotfiles/mimeapps.list', '[Added Associations]\ntext/html=web.desktop;\n')
    await mkdir(inHome('.config'))
    await symlink('../dotfiles/mimeapps.list', inHome(LIST))
    await agent(['install', '--autostart', 'none'])
    expect((await lstat(inHome(LIST))).isSymbolicLink()).toBe(true)
    expect(await readFile(inHome('dotfiles/mimeapps.list'), 'utf8')).toContain('sekisho-agent-url.desktop')
  })
})

describe('one agent a user', () => {
  test('attack 22: what stands behind sekisho-agent: is ignored; it wakes, and the second start points to the first', async () => {
    const port = (await freePorts(1))[0] ?? 0
    const woken = await command([
      'wake',
      '--port',
      String(port),
      'sekisho-agent://evil.example/..?provider=evil&ticket=x',
    ])
    try {
      expect(woken).toMatchObject({ status: 0, stdout: `Started Sekisho Agent: http://127.0.0.1:${String(port)}\n` })
      expect((await ask(`http://127.0.0.1:${String(port)}/`)).page).toBe('home')
      const already = `Sekisho Agent is running already, at http://127.0.0.1:${String(port)}.\n`
      expect(await command(['serve', '--port', String(port)])).toEqual({ status: 0, stdout: already, stderr: '' })
      expect(await agent(['wake', '--port', String(port)])).toEqual({ status: 0, stdout: already, stderr: '' })
      expect((await agent(['status', '--port', String(port)])).stdout).toContain('Sekisho Agent is running at')
    } finally {
      await endAgent(port)
    }
  })

  test('attack 23: a stranger on the port: its code, and which program it is; it is not taken for an agent', async () => {
    const stranger = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n<main data-page="somewhere">'))
    await new Promise<void>((resolve) => {
      stranger.listen(0, '127.0.0.1', resolve)
    })
    const port = String((stranger.address() as AddressInfo).port)
    try {
      for (const start of [command(['serve', '--port', port]), agent(['wake', '--port', port])]) {
        const { status, stdout, stderr } = await start
        expect([status, stdout]).toEqual([75, ''])
        expect(stderr).toContain(`PORT_TAKEN: Port ${port} is used by another program`)
        expect(stderr).toContain(`(process ${String(process.pid)})`)
      }
    } finally {
      stranger.close()
    }
  })

  test('attack 23: one who looks like an agent but is another user’s is a stranger', async () => {
    const page = '<main data-page="home">'
    const fake = createServer((socket) =>
      socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${String(page.length)}\r\n\r\n${page}`),
    )
    await new Promise<void>((resolve) => {
      fake.listen(0, '127.0.0.1', resolve)
    })
    const port = String((fake.address() as AddressInfo).port)
    try {
      expect(await findPortHolder(Number(port))).toMatchObject({ who: 'agent' })
      const own = process.getuid?.() ?? -1
      const seen = await findPortHolder(Number(port), own + 1)
      expect(seen).toMatchObject({ who: 'stranger', user: own, pid: process.pid })
    } finally {
      fake.close()
    }
  })
})
