import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toPem } from '@sekisho/virtual-jpki'
import { createTempDirectory } from '../temp-directory.ts'

export interface OpensslResult {
  readonly status: number
  /** stdout and stderr together: which of them openssl uses differs from command to command. */
  readonly output: string
}

/** The `openssl` command as a third opinion, in a directory of its own. */
export interface Openssl {
  /** Writes octets, as PEM when a label is given, and returns the path. */
  file(name: string, octets: Uint8Array, label?: 'CERTIFICATE' | 'X509 CRL'): Promise<string>
  run(...args: readonly string[]): Promise<OpensslResult>
  remove(): Promise<void>
}

export function createOpenssl(): Openssl {
  const directory = createTempDirectory('openssl')
  return {
    async file(name, octets, label) {
      const path = join(directory.path, name)
      await writeFile(path, label === undefined ? octets : toPem(label, octets))
      return path
    },
    run: (...args) =>
      new Promise((resolve, reject) => {
        execFile('openssl', args, { maxBuffer: 16 * 1024 * 1024, timeout: 30_000 }, (fault, stdout, stderr) => {
          if (fault !== null && typeof fault.code !== 'number') {
            reject(new Error('openssl did not run', { cause: fault }))
          } else {
            resolve({ status: typeof fault?.code === 'number' ? fault.code : 0, output: stdout + stderr })
          }
        })
      }),
    remove: () => directory.remove(),
  }
}
