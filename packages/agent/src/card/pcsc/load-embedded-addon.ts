import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { getRawAsset } from 'node:sea'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The name of the native part of pcsc-mini among the assets of the single executable. */
export const ADDON_ASSET = 'addon.node'

/**
 * Only the single executable has this: its native part is inside, and a system loads such a thing from a file alone. So it is
 * written where only this user may write, loaded, and taken away at once; nobody can put another in its place.
 *
 * @throws Error when no folder lets a library be loaded (all are mounted `noexec`)
 */
export function loadEmbeddedAddon(env: NodeJS.ProcessEnv = process.env): unknown {
  let failure: unknown
  for (const parent of [env['XDG_RUNTIME_DIR'], tmpdir(), env['XDG_CACHE_HOME'], env['HOME']]) {
    if (!parent) continue
    let directory: string | undefined
    try {
      directory = mkdtempSync(join(parent, '.sekisho-agent-'))
      const file = join(directory, ADDON_ASSET)
      writeFileSync(file, new Uint8Array(getRawAsset(ADDON_ASSET)), { flag: 'wx', mode: 0o500 })
      const module: { exports: unknown } = { exports: {} }
      process.dlopen(module, file)
      return module.exports
    } catch (error) {
      failure = error
    } finally {
      if (directory !== undefined) rmSync(directory, { recursive: true, force: true })
    }
  }
  throw new Error('the native part could not be loaded', { cause: failure })
}
