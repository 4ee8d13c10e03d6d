import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AGENT } from './agent-package.ts'
import { ADDON_ASSET } from '../../packages/agent/src/card/pcsc/load-embedded-addon.ts'

/** The package with pcsc-mini's native part for this kind of computer. */
export const ADDON_PACKAGE = '@pcsc-mini/linux-x86_64-gnu'
/** nodejs.org, "Single executable applications": where the blob goes, and what tells Node to look for it. */
const BLOB_NAME = 'NODE_SEA_BLOB'
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/**
 * This very Node with the agent inside.
 *
 * @param options.work an empty folder for what lies around on the way
 */
export function makeExecutable(
  code: Uint8Array,
  { output, work, resources }: { output: string; work: string; resources: readonly string[] },
): void {
  const addon = createRequire(import.meta.url).resolve(`${ADDON_PACKAGE}/addon.node`)
  const [main, blob, configuration] = ['agent.cjs', 'agent.blob', 'sea.json'].map((name) => join(work, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(main, code)
  const assets = Object.fromEntries(resources.map((path) => [path, fileURLToPath(new URL(path, AGENT))]))
  writeFileSync(
    configuration,
    JSON.stringify({
      main,
      output: blob,
      disableExperimentalSEAWarning: true,
      // compiled ahead: half of what a start costs otherwise
      useCodeCache: true,
      // NODE_OPTIONS of the person's shell is for their own programs, and could load code into this one
      execArgvExtension: 'none',
      assets: { ...assets, [ADDON_ASSET]: addon },
    }),
  )
  runNode(['--experimental-sea-config', configuration])
  mkdirSync(dirname(output), { recursive: true })
  copyFileSync(process.execPath, output)
  chmodSync(output, 0o755)
  // as a command: it writes warnings about the sections of every ELF file
  const postject = createRequire(import.meta.url).resolve('postject/dist/cli.js')
  runNode([postject, output, BLOB_NAME, blob, '--sentinel-fuse', FUSE])
}

function runNode(args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`node ${args.join(' ')}: ${stderr}`)
}
