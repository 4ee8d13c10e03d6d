import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeAutostartEntry, writeUrlEntry } from '../../src/launch/desktop-entries.ts'
import { writeBundleInformation, writeLaunchAgent, writeWakeScript } from '../../src/launch/property-lists.ts'
import { writeRegistryAdditions } from '../../src/launch/registry-files.ts'
import { UNIT_NAME, writeSystemdUnit } from '../../src/launch/systemd-unit.ts'

const run = promisify(execFile)
let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agent-launch-'))
})
afterAll(async () => {
  await rm(directory, { recursive: true })
})

/** Paths that a person may well have, and some that nobody should. */
const PATHS = [
  ['plain', '/opt/sekisho-agent'],
  ['with a space, in Japanese', '/home/花子/関所 エージェント/sekisho-agent'],
  ['with signs that mean something', '/home/a"b/$HOME/100%h/`id`/it\'s\\n/<&>/sekisho-agent'],
] as const

describe.each(PATHS)('a path %s', (_what, path) => {
  test('systemd-analyze finds nothing wrong, and the command stays what it is', async () => {
    // Its own check wants a file that may be executed: Node stands for any, the path is its argument.
    const unit = join(directory, UNIT_NAME)
    await writeFile(unit, writeSystemdUnit([process.execPath, path]))
    const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', unit])
    expect(stdout + stderr).toBe('')
    expect(writeSystemdUnit([process.execPath, path])).toMatch(/^ExecStart="[^\n]*" "serve"$/m)
  })

  test.each([
    ['autostart', writeAutostartEntry],
    ['scheme', writeUrlEntry],
  ])('desktop-file-validate finds nothing wrong: %s', async (name, write) => {
    const file = join(directory, `${name}.desktop`)
    await writeFile(file, write([process.execPath, path]))
    const { stdout, stderr } = await run('desktop-file-validate', [file])
    expect(stdout + stderr).toBe('')
  })

  test('attack 22: no handler of the scheme takes the address', () => {
    expect(/^Exec=(.*)$/m.exec(writeUrlEntry(['/opt/agent']))?.[1]).toBe('/opt/agent wake')
    expect(writeUrlEntry([path]).replaceAll('%%', '')).not.toContain('%')
    expect(writeRegistryAdditions([String.raw`C:\agent.exe`]).toString('utf16le')).not.toContain('%')
    expect(writeWakeScript(['/opt/agent'])).toMatch(/^exec '\/opt\/agent' 'wake'$/m)
    expect(writeWakeScript(['/opt/agent'])).not.toContain('$')
  })

  test('a parser of property lists understands every value, and gives it back', async () => {
    const text = `<string>${path.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</string>`
    const agent = await readPropertyList(writeLaunchAgent([path]))
    expect(agent).toContain(`<key>ProgramArguments</key><array>${text}<string>serve</string></array>`)
    expect(agent).toContain('<key>Label</key><string>sekisho-agent</string>')
    expect(agent).toContain('<key>RunAtLoad</key><true/>')
    expect(agent).toContain('<key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>')
    const bundle = await readPropertyList(writeBundleInformation('wake'))
    expect(bundle).toContain('<key>CFBundleExecutable</key><string>wake</string>')
    expect(bundle).toContain('<key>CFBundleURLSchemes</key><array><string>sekisho-agent</string></array>')
  })

  test('the script of the bundle: a shell gives every word back as it was', async () => {
    const script = writeWakeScript(['/usr/bin/printf', '%s\\n', path])
    expect((await run('sh', ['-c', script])).stdout).toBe(`${path}\nwake\n`)
  })
})

test.each(['/opt/a\nExecStart=/bin/evil', '/opt/a\u0000'])('%j: a path that begins another line is refused', (path) => {
  for (const write of [writeSystemdUnit, writeUrlEntry, writeAutostartEntry, writeLaunchAgent, writeWakeScript]) {
    expect(() => write([path])).toThrow('control character')
  }
  expect(() => writeRegistryAdditions([path])).toThrow('control character')
})

test('the registry file: UTF-16 with a mark, CR LF, keys of this person only, strings that end where they should', () => {
  const file = writeRegistryAdditions([String.raw`C:\Users\花子 "x"\node.exe`, String.raw`C:\agent\main.js`])
  expect(file.subarray(0, 2).toString('hex')).toBe('fffe')
  const text = file.toString('utf16le').slice(1)
  expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
  const [first, ...lines] = text.split('\r\n')
  expect(first).toBe('Windows Registry Editor Version 5.00')
  const values = new Map<string, string>()
  let key = ''
  for (const line of lines.filter((one) => one !== '' && !one.startsWith(';'))) {
    const [, section] = /^\[(HKEY_CURRENT_USER\\Software\\[^\]]+)\]$/.exec(line) ?? []
    if (section !== undefined) {
      key = section
      continue
    }
    const [, name, value] = /^(@|"(?:[^"\\]|\\.)*")="((?:[^"\\]|\\.)*)"$/.exec(line) ?? []
    expect([line, name]).not.toContain(undefined)
    values.set(`${key} ${String(name)}`, String(value).replace(/\\(.)/g, '$1'))
  }
  expect(Object.fromEntries(values)).toEqual({
    'HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Run "Sekisho Agent"': String.raw`"C:\Users\花子 "x"\node.exe" "C:\agent\main.js" "serve"`,
    'HKEY_CURRENT_USER\\Software\\Classes\\sekisho-agent @': 'URL:Sekisho Agent',
    'HKEY_CURRENT_USER\\Software\\Classes\\sekisho-agent "URL Protocol"': '',
    'HKEY_CURRENT_USER\\Software\\Classes\\sekisho-agent\\shell\\open\\command @': String.raw`"C:\Users\花子 "x"\node.exe" "C:\agent\main.js" "wake"`,
  })
})

/** By libplist: into its binary form and back, so that it must have understood every value. Without the white space between. */
async function readPropertyList(xml: string): Promise<string> {
  const [file, binary, back] = ['p.xml', 'p.bin', 'back.xml'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ]
  await writeFile(file, xml)
  await run('plistutil', ['-i', file, '-o', binary])
  await run('plistutil', ['-i', binary, '-o', back])
  return (await readFile(back, 'utf8')).replace(/>\s+</g, '><')
}
