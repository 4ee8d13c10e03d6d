import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { prepareDataDirectory } from '../storage/prepare-data-directory.ts'

/** Keys of the environment that a development machine need not set. */
export const GENERATED_SECRETS = ['COOKIE_KEYS', 'HANDLE_PEPPER', 'KEY_ENCRYPTION_KEY'] as const
export type GeneratedSecret = (typeof GENERATED_SECRETS)[number]

const schema = z.strictObject({
  COOKIE_KEYS: z.string(),
  HANDLE_PEPPER: z.string(),
  KEY_ENCRYPTION_KEY: z.string(),
}) satisfies z.ZodType<Record<GeneratedSecret, string>>

const octets = (): string => randomBytes(32).toString('base64url')

/**
 * Secrets of a development machine: made at the first start, the same ever after, readable by their owner alone.
 * Development only: in production a lost directory would silently become a lost pepper.
 *
 * @throws Error when the file is open to others or is not ours
 */
export function loadDevelopmentSecrets(dataDirectory: string): Record<GeneratedSecret, string> {
  prepareDataDirectory(dataDirectory)
  const file = join(dataDirectory, 'secrets.json')
  if (statSync(file, { throwIfNoEntry: false }) === undefined) {
    create(file, { COOKIE_KEYS: octets(), HANDLE_PEPPER: `1:${octets()}`, KEY_ENCRYPTION_KEY: octets() })
  }
  if ((statSync(file).mode & 0o077) !== 0) throw new Error(`${file} is open to other users: chmod 600`)
  const parsed = schema.safeParse(parseJson(readFileSync(file, 'utf8')))
  if (!parsed.success) throw new Error(`${file} is damaged: restore it, or start with an empty directory`)
  return parsed.data
}

/** Whole or not at all, and of two processes at once the first one's stays: a link does not overwrite. */
function create(file: string, secrets: Record<GeneratedSecret, string>): void {
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  try {
    linkSync(draft, file)
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') throw fault
  } finally {
    rmSync(draft)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
