import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signedResponseSchema } from '@sekisho/protocol'
import { freePorts } from '../../../../test/support/free-port.ts'
import { buildAgent, type BuiltAgentFiles } from '../../../../scripts/agent/build-agent.ts'
import { bundleAgent } from '../../../../scripts/agent/bundle-agent.ts'
import { AGENT_VERSION } from '../../src/version.ts'
import { ask, fieldOf, submit } from '../support/browse.ts'
import { endAgent, listenersOn } from '../support/end-agent.ts'
import { setBuiltStage, type BuiltStage } from '../support/built-agent.ts'
import { runCommand } from '../support/run-command.ts'
import { runInPty } from '../support/run-in-pty.ts'
import { scanMemory } from '../support/scan-memory.ts'

const run = promisify(execFile)
const MODULES = fileURLToPath(new URL('../../../../node_modules', import.meta.url))
const NAME = `sekisho-agent-${AGENT_VERSION}`
/** The native part for this kind of computer; npm chooses it. */
const NATIVE = '@pcsc-mini/linux-x86_64-gnu'

let output: string
let built: BuiltAgentFiles
/** As `npm install` of the tarball leaves it: a folder with node_modules, and nothing of this repository above it. */
let installed: string
beforeAll(async () => {
  output = await mkdtemp(join(tmpdir(), 'agent-dist-'))
  built = await buildAgent({ output: join(output, 'agent'), archive: false })
  installed = join(output, 'installed', 'node_modules')
  await mkdir(join(installed, '@sekisho/agent'), { recursive: true })
  await run('tar', ['-xzf', built.tarball, '--strip-components=1', '-C', join(installed, '@sekisho/agent')])
  for (const name of ['pcsc-mini', NATIVE]) await cp(join(MODULES, name), join(installed, name), { recursive: true })
})
afterAll(async () => {
  await rm(output, { recursive: true })
})

const read = (file: string) => readFile(join(output, 'agent', file), 'utf8')

describe('what is handed out', () => {
  test.each(['beside', 'inside'] as const)(
    'the bundle (pcsc-mini %s) holds the agent, the protocol and what they name: no server code, no software card',
    async (native) => {
      const { inputs } = await bundleAgent({ native })
      const foreign = inputs.filter((path) => !/^(packages\/(agent|protocol)\/src|node_modules)\//.test(path))
      expect(foreign).toEqual([])
      const packages = new Set(inputs.map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]))
      for (const name of ['oidc-provider', 'pg', 'ioredis', 'pkijs', '@electric-sql/pglite', 'jose', 'openid-client']) {
        expect(packages).not.toContain(name)
      }
      expect(packages.has('pcsc-mini')).toBe(native === 'inside')
    },
  )

  test('the npm package: one file of code, the files it reads, one dependency with an exact version; small', async () => {
    const files = await readdir(join(installed, '@sekisho/agent'), { recursive: true, withFileTypes: true })
    const names = files.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    const outside = names
      .map((path) => path.slice(join(installed, '@sekisho/agent').length + 1))
      .filter((path) => !/^(views|locales|public)\//.test(path))
    expect(outside.toSorted()).toEqual([
      'LICENSE',
      'README.md',
      'THIRD-PARTY-LICENCES.txt',
      'lib/command/main.cjs',
      'package.json',
      'sbom.cdx.json',
    ])
    const manifest = JSON.parse(await readFile(join(installed, '@sekisho/agent/package.json'), 'utf8')) as object
    expect(manifest).toMatchObject({ version: AGENT_VERSION, license: 'MIT' })
    expect(manifest).toHaveProperty('dependencies', { 'pcsc-mini': '0.1.3' })
    const { stdout } = await run('du', ['-sb', installed])
    expect(Number.parseInt(stdout, 10)).toBeLessThan(4 * 1024 * 1024)
  })

  test.each([
    ['npm', `${NAME}-npm`],
    ['executable', `${NAME}-linux-x64`],
  ])('%s: the bill of materials is CycloneDX by its schema, and each part has its licence', async (kind, file) => {
    const text = await read(`${file}.cdx.json`)
    expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text)).toBeNull()
    const { components } = JSON.parse(text) as { components: { group?: string; name: string; version: string }[] }
    const names = components.map(({ group, name }) => (group === undefined ? name : `${group}/${name}`))
    for (const name of ['express', 'undici', 'zod', 'pino', 'pcsc-mini']) expect(names).toContain(name)
    for (const name of ['node', 'openssl', 'v8', NATIVE]) expect(names.includes(name)).toBe(kind === 'executable')
    const licences = await read(`${file}.licences.txt`)
    for (const [index, { version }] of components.entries()) {
      const isOfNode = kind === 'executable' && index > names.indexOf('node')
      if (!isOfNode) expect(licences).toMatch(new RegExp(`^(Node\\.js|${String(names[index])}) ${version}`, 'm'))
    }
    expect(licences.includes('Node.js is licensed for use as follows')).toBe(kind === 'executable')
  })

  test('the checksums are those of the files; downloads.json says the same', async () => {
    const { stdout } = await run('sha256sum', ['--check', 'SHA256SUMS'], { cwd: join(output, 'agent') })
    expect(stdout).toBe(`${NAME}.tgz: OK\n`)
    const { downloads } = JSON.parse(await read('downloads.json')) as { downloads: { sha256: string; bytes: number }[] }
    const sums = await read('SHA256SUMS')
    for (const { sha256 } of downloads) expect(sums).toContain(sha256)
    expect(downloads[0]?.bytes).toBe((await stat(built.tarball)).size)
  })
})

describe('the npm package, installed', () => {
  test('runs by its name, reads its texts and pages from where it lies, and finds the native part', async () => {
    const bin = join(installed, '.bin', 'sekisho-agent')
    await mkdir(dirname(bin))
    await symlink(`..${sep}@sekisho${sep}agent${sep}lib${sep}command${sep}main.cjs`, bin)
    const env = { XDG_CONFIG_HOME: output, PCSCLITE_CSOCK_NAME: join(output, 'no-pcscd'), LANG: 'ja_JP.UTF-8' }
    const help = await runCommand(['--help'], { command: bin, env })
    expect(help).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('使い方:') as string })
    // the service is not there, but the part that asks for it is
    const { stdout } = await runCommand(['doctor'], { command: bin, env: { ...env, LANG: 'C' } })
    expect(stdout).toContain('READER_SERVICE_UNAVAILABLE')
    const { stdout: printed } = await runCommand(['install', '--print'], { command: bin, env })
    expect(printed).toContain(`${bin} wake\n`)
  })
})

describe('the single executable, with a real PC/SC service', () => {
  const PIN = '7294'
  let stage: BuiltStage
  let executable: string
  beforeAll(async () => {
    executable = built.executable ?? ''
    stage = await setBuiltStage([executable])
  })
  afterAll(async () => {
    await stage.stop()
  })

  test('needs no Node, no PATH and no file beside it; other people’s NODE_OPTIONS load nothing into it', async () => {
    const alone = join(output, 'alone')
    await mkdir(alone)
    await cp(executable, join(alone, 'agent'))
    const evil = join(output, 'evil.cjs')
    await writeFile(evil, 'console.log("loaded"); process.exit(7)')
    const { stdout } = await run(join(alone, 'agent'), ['--version'], {
      cwd: alone,
      env: { NODE_OPTIONS: `--require ${evil}` },
    })
    expect(stdout).toBe(`${AGENT_VERSION}\n`)
  })

  test('attack 22: a link sekisho-agent: opened by the desktop’s own program wakes it, and hands nothing over', async () => {
    const home = join(output, 'home')
    await mkdir(home)
    const port = (await freePorts(1))[0] ?? 0
    const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: join(home, 'config'), XDG_DATA_HOME: join(home, 'data') }
    // as somebody who is not root, whoever runs the tests
    const person = ['--user', '--map-user=1000', '--map-group=1000']
    await run('unshare', [...person, executable, 'install', '--autostart', 'none'], { env })
    try {
      // a desktop without a name, whose rules xdg-open carries out itself
      const desktop = { ...env, DISPLAY: ':0', XDG_CURRENT_DESKTOP: '', SEKISHO_AGENT_PORT: String(port), LANG: 'C' }
      const opened = await run('xdg-open', ['sekisho-agent://evil.example/?provider=evil&ticket=x'], { env: desktop })
      expect(opened.stdout).toContain(`Started Sekisho Agent: http://127.0.0.1:${String(port)}`)
      expect((await ask(`http://127.0.0.1:${String(port)}/`)).page).toBe('home')
      const [pid] = await listenersOn(port)
      const argv = (await readFile(`/proc/${String(pid)}/cmdline`, 'utf8')).split('\0')
      expect(argv).toEqual([executable, 'serve', '--port', String(port), ''])
    } finally {
      await endAgent(port)
    }
  })

  test('the doctor is content; a sign-in on the page; foreign requests are refused; no PIN is left in memory', async () => {
    const card = await stage.attachCard({ authentication: { ...stage.issued, pin: PIN } })
    expect((await stage.run(['doctor'])).stdout).toContain('Nothing is wrong.')
    const agent = await stage.start()
    const page = await agent.open(stage.provider.issueTicket())
    const body = new URLSearchParams({
      token: fieldOf(page, 'token'),
      form: fieldOf(page, 'form'),
      pin: PIN,
    }).toString()
    for (const headers of [{ host: 'evil.example' }, { origin: 'https://evil.example' }, {}]) {
      const refused = await ask(`${agent.url}/sign-in/pin`, { method: 'POST', body, headers })
      expect([refused.status, refused.code]).toEqual([403, 'REQUEST_FOREIGN'])
    }
    expect((await card.triesLeft()).authentication).toBe(3)
    expect((await submit(page, agent.url, 'pin-form', { pin: PIN })).page).toBe('done')
    expect(signedResponseSchema.safeParse(stage.provider.results().at(-1)).success).toBe(true)

    await ask(`${agent.url}/`, { headers: { 'user-agent': 'x'.repeat(1000) } })
    const forms = [Buffer.from(`pin=${PIN}`), Buffer.from(`0020008004${Buffer.from(PIN).toString('hex')}`, 'hex')]
    // What was refused unread is the sender's own and stays until something longer comes: the form that was read is looked for.
    expect(await scanMemory(agent.pid, forms.slice(1))).toEqual([])
    // the native part was on the disk for a moment
    const left = await readdir(stage.environment['XDG_RUNTIME_DIR'] ?? tmpdir())
    expect(left.filter((name) => name.startsWith('.sekisho-agent-'))).toEqual([])
    await agent.stop()

    const session = runInPty(
      [
        ...[executable, 'sign-in', '--provider', new URL(stage.provider.origin).host],
        ...['--ticket', stage.provider.issueTicket()],
      ],
      stage.environment,
    )
    await session.type('PIN of the user authentication certificate', `${PIN}\r`)
    expect(await session.ended).toBe(0)
    await card.close()
  })
})
