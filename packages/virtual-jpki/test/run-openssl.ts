import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { toPem } from '../src/index.ts'

export interface OpensslResult {
  readonly status: number
  /** stdout and stderr together: which of them openssl uses differs from command to command. */
  readonly output: string
}

/** The `openssl` command, our third opinion, in a directory of its own. */
export interface OpensslBench {
  readonly directory: string
  /** Writes a certificate as PEM and returns its path. */
  certificate(name: string, ...ders: readonly Uint8Array[]): string
  file(name: string, bytes: Uint8Array): string
  run(...args: readonly string[]): Promise<OpensslResult>
  remove(): Promise<void>
}

export function createOpensslBench(): OpensslBench {
  const directory = mkdtempSync(join(tmpdir(), 'sekisho-virtual-jpki-'))
  const file = (name: string, bytes: Uint8Array): string => {
    const path = join(directory, name)
    writeFileSync(path, bytes)
    return path
  }
  return {
    directory,
    file,
    certificate: (name, ...ders) =>
      file(`${name}.pem`, Buffer.from(ders.map((der) => toPem('CERTIFICATE', der)).join(''))),
    run: (...args) =>
      new Promise((resolve, reject) => {
        // the cap on output keeps a runaway command from filling memory
        execFile('openssl', args, { maxBuffer: 16 * 1024 * 1024, timeout: 30_000 }, (fault, stdout, stderr) => {
          if (fault !== null && typeof fault.code !== 'number')
            reject(new Error('openssl did not run', { cause: fault }))
          else resolve({ status: typeof fault?.code === 'number' ? fault.code : 0, output: stdout + stderr })
        })
      }),
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}
