import { spawnSync } from 'node:child_process'
import { accessSync, constants, globSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * What the tests need besides npm packages, and a file that tells whether it is there. Looked for as a file, not in dpkg,
 * so that a system which got the same programs another way runs every layer too.
 */
const WITNESSES = {
  chromium: ['/usr/bin/chromium'],
  postgresql: ['/usr/lib/postgresql/*/bin/postgres'],
  'redis-server': ['redis-server'],
  pcscd: ['/usr/sbin/pcscd'],
  'vsmartcard-vpcd': ['/usr/lib/pcsc/drivers/serial/libifdvpcd.so*', '/usr/lib/*/pcsc/drivers/serial/libifdvpcd.so*'],
  opensc: ['opensc-tool', 'pkcs11-tool', 'pkcs15-tool'],
  openssl: ['openssl'],
  nginx: ['nginx'],
  systemd: ['systemd-analyze'],
  // its promtool judges the alert rules
  prometheus: ['promtool'],
  'pinentry-curses': ['pinentry-curses'],
  // what judges the files of `sekisho-agent install`
  'desktop-file-utils': ['desktop-file-validate'],
  'libplist-utils': ['plistutil'],
  'xdg-utils': ['xdg-mime'],
  'fonts-noto-cjk': ['/usr/share/fonts/opentype/noto/NotoSansCJK-*.ttc'],
} as const satisfies Record<string, readonly string[]>

export type DebianPackage = keyof typeof WITNESSES

export const DEBIAN_PACKAGES = Object.keys(WITNESSES) as readonly DebianPackage[]

/** Which of the packages are not on this machine. */
export function missingPackages(): DebianPackage[] {
  return DEBIAN_PACKAGES.filter((name) => !WITNESSES[name].some((witness) => exists(witness)))
}

/** The command that installs them, as it can be pasted. */
export function installCommand(packages: readonly DebianPackage[]): string {
  return `sudo apt-get update && sudo apt-get install --yes --no-install-recommends ${packages.join(' ')}`
}

/**
 * Installs the packages when this process may: root, on a machine with apt-get. Says what it does on standard output.
 *
 * @returns the packages that are missing afterwards
 */
export function installPackages(packages: readonly DebianPackage[]): DebianPackage[] {
  if (packages.length === 0) return []
  if (process.getuid?.() !== 0 || !exists('apt-get')) return [...packages]
  console.log(`installing from Debian: ${packages.join(', ')} …`)
  const wait = ['-o', 'DPkg::Lock::Timeout=300']
  const updated = aptGet([...wait, 'update'])
  const installed = aptGet([...wait, 'install', '--yes', '--no-install-recommends', ...packages])
  const missing = missingPackages()
  if (missing.length > 0) console.log(`apt-get update: ${updated.note}; apt-get install: ${installed.note}`)
  else console.log(`installed: ${packages.join(', ')}`)
  return missing
}

function aptGet(args: readonly string[]): { note: string } {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' }
  // a fresh machine may be slow to fetch a browser; it must still end
  const { status, error, stderr } = spawnSync('apt-get', ['-qq', ...args], {
    encoding: 'utf8',
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 600_000,
  })
  if (status === 0) return { note: 'done' }
  return { note: error?.message ?? `status ${String(status)}: ${stderr.trim().split('\n').slice(-3).join(' | ')}` }
}

/** A path with wildcards, or the bare name of a command on PATH (and in the directories of administrators). */
function exists(witness: string): boolean {
  if (witness.startsWith('/')) return globSync(witness).length > 0
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return directories.some((directory) => isExecutable(join(directory, witness)))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
