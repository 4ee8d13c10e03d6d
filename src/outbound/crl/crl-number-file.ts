import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'

/** Remembers over a restart how far the numbers of lists had come, so that an older list is noticed then, too. */
export interface CrlNumberMemory {
  read(): Promise<Readonly<Record<string, bigint>>>
  write(numbers: Readonly<Record<string, bigint>>): Promise<void>
}

const schema = z.record(z.string().regex(/^[0-9a-f ]+$/), z.string().regex(/^[0-9]{1,49}$/))

/**
 * In a small JSON file: `{ "<issuer key identifier>": "<decimal number>" }`, written beside and renamed.
 *
 * @throws Error from `read` when the file is there and cannot be understood: to start without it would be to forget it
 */
export function createCrlNumberFile(path: string): CrlNumberMemory {
  return {
    async read() {
      const text = await readFile(path, 'utf8').catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '{}'
        throw error
      })
      const numbers = schema.parse(JSON.parse(text))
      return Object.fromEntries(Object.entries(numbers).map(([scope, number]) => [scope, BigInt(number)]))
    },
    async write(numbers) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      const text = JSON.stringify(Object.fromEntries(Object.entries(numbers).map(([scope, n]) => [scope, String(n)])))
      await writeFile(`${path}.new`, `${text}\n`, { mode: 0o600 })
      await rename(`${path}.new`, path)
    },
  }
}
