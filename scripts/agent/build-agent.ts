import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AGENT_VERSION } from './agent-package.ts'
import { bundleAgent } from './bundle-agent.ts'
import { findPackages } from './contained-packages.ts'
import { listResources } from './list-resources.ts'
import { ADDON_PACKAGE, makeExecutable } from './make-executable.ts'
import { stageNpmPackage } from './stage-npm-package.ts'
import { writeLicences } from './write-licences.ts'
import { writeSbom } from './write-sbom.ts'

export const DOWNLOADS_FORMAT = 'sekisho-agent-downloads:1'

const README = `# Sekisho Agent

Sign-in with the My Number Card on a computer.

    sekisho-agent trust add https://…   the sign-in service you use; it is asked for its name
    sekisho-agent install               from the next log-in on it starts by itself; "wake" starts it now
    sekisho-agent doctor                what is wrong, and what to do
    sekisho-agent --help

Needs a card reader and PC/SC (on Linux: pcscd). Licences: THIRD-PARTY-LICENCES.txt. What is inside: sbom.cdx.json.
`

export interface BuiltAgentFiles {
  /** The npm package, packed. */
  readonly tarball: string
  /** The single executable, or undefined where none is made (not Linux x64). */
  readonly executable: string | undefined
}

/**
 * Everything that is handed out, into `output`: the npm package, the single executable, licences and bills of materials beside
 * them, checksums, and `downloads.json` for the provider's page /agent.
 *
 * @param options.archive also the executable as .tar.gz, which is what people download
 */
export async function buildAgent({ output, archive }: { output: string; archive: boolean }): Promise<BuiltAgentFiles> {
  const work = mkdtempSync(join(tmpdir(), 'sekisho-build-agent-'))
  try {
    rmSync(output, { recursive: true, force: true })
    mkdirSync(output, { recursive: true })
    const tarball = await buildNpmPackage(output, work)
    const canRunHere = process.platform === 'linux' && process.arch === 'x64'
    const executable = canRunHere ? await buildExecutable(output, work, archive) : undefined
    writeDownloads(output, [
      { kind: 'npm', file: tarball },
      ...(executable !== undefined && archive ? [{ kind: 'linux-x64', file: `${NAME}-linux-x64.tar.gz` }] : []),
    ])
    return {
      tarball: join(output, tarball),
      executable: executable === undefined ? undefined : join(output, executable),
    }
  } finally {
    rmSync(work, { recursive: true })
  }
}

const NAME = `sekisho-agent-${AGENT_VERSION}`

async function buildNpmPackage(output: string, work: string): Promise<string> {
  const { code, inputs } = await bundleAgent({ native: 'beside' })
  const packages = findPackages(inputs, ['pcsc-mini'])
  const more = documents('npm', packages, undefined)
  const stage = join(work, 'npm')
  stageNpmPackage(stage, { code, resources: listResources(), more: { ...more, LICENSE: readLicence() } })
  run('npm', ['pack', '--silent', '--pack-destination', work, stage])
  const file = `${NAME}.tgz`
  copyFileSync(join(work, file), join(output, file))
  writeBeside(output, `${NAME}-npm`, more)
  return file
}

async function buildExecutable(output: string, work: string, archive: boolean): Promise<string> {
  const { code, inputs } = await bundleAgent({ native: 'inside' })
  const packages = findPackages(inputs, [ADDON_PACKAGE])
  const folder = `${NAME}-linux-x64`
  const file = join(folder, 'sekisho-agent')
  makeExecutable(code, { output: join(output, file), work, resources: listResources() })
  const more = documents('executable', packages, process.versions)
  for (const [name, content] of Object.entries(more)) writeFileSync(join(output, folder, name), content)
  writeBeside(output, folder, more)
  if (archive) {
    const same = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0']
    run('tar', [...same, '-czf', join(output, `${folder}.tar.gz`), '-C', output, folder])
  }
  return file
}

function readLicence(): string {
  return readFileSync(new URL('../../LICENSE', import.meta.url), 'utf8')
}

function documents(
  kind: 'npm' | 'executable',
  packages: ReturnType<typeof findPackages>,
  node: NodeJS.ProcessVersions | undefined,
): Record<string, string> {
  return {
    'README.md': README,
    'THIRD-PARTY-LICENCES.txt': writeLicences(packages, { node: node?.node }),
    'sbom.cdx.json': writeSbom({ kind, version: AGENT_VERSION, packages, node }),
  }
}

function writeBeside(output: string, name: string, more: Readonly<Record<string, string>>): void {
  writeFileSync(join(output, `${name}.licences.txt`), more['THIRD-PARTY-LICENCES.txt'] ?? '')
  writeFileSync(join(output, `${name}.cdx.json`), more['sbom.cdx.json'] ?? '')
}

/** SHA256SUMS for people (`sha256sum --check`), downloads.json for the provider. */
function writeDownloads(output: string, offered: readonly { kind: string; file: string }[]): void {
  const downloads = offered.map(({ kind, file }) => {
    const content = readFileSync(join(output, file))
    const sha256 = createHash('sha256').update(content).digest('hex')
    return { kind, file, bytes: statSync(join(output, file)).size, sha256 }
  })
  writeFileSync(join(output, 'SHA256SUMS'), downloads.map(({ sha256, file }) => `${sha256}  ${file}\n`).join(''))
  const page = { format: DOWNLOADS_FORMAT, version: AGENT_VERSION, downloads }
  writeFileSync(join(output, 'downloads.json'), `${JSON.stringify(page, null, 2)}\n`)
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`)
}
