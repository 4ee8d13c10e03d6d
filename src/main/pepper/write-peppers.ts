import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { PepperOctets, Peppers } from '../../subject/credential-handle.ts'

/** `VERSION:BASE64[,VERSION:BASE64…]`, as HANDLE_PEPPER is written. */
export function formatPeppers(peppers: Peppers<PepperOctets>): string {
  return peppers.map(({ version, key }) => `${version}:${Buffer.from(key).toString('base64')}`).join(',')
}

export type PepperPlace =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'secrets'; readonly path: string }
  | { readonly kind: 'environment' }

/** Where the configured value comes from, and so where the next one has to go. */
export function placeOfPeppers(env: NodeJS.ProcessEnv): PepperPlace {
  if (env['HANDLE_PEPPER_FILE']) return { kind: 'file', path: env['HANDLE_PEPPER_FILE'] }
  if (env['HANDLE_PEPPER']) return { kind: 'environment' }
  return { kind: 'secrets', path: join(resolve(env['DATA_DIR'] || '.sekisho'), 'secrets.json') }
}

/** Whole or not at all, with the file's own mode. */
export function writePeppers(
  place: Exclude<PepperPlace, { kind: 'environment' }>,
  peppers: Peppers<PepperOctets>,
): void {
  const text = formatPeppers(peppers)
  if (place.kind === 'file') {
    replaceFile(place.path, `${text}\n`)
    return
  }
  const secrets = JSON.parse(readFileSync(place.path, 'utf8')) as Record<string, string>
  replaceFile(place.path, `${JSON.stringify({ ...secrets, HANDLE_PEPPER: text }, null, 2)}\n`)
}

function replaceFile(path: string, text: string): void {
  const draft = `${path}.${randomBytes(4).toString('hex')}`
  writeFileSync(draft, text, { mode: statSync(path).mode & 0o777, flag: 'wx' })
  renameSync(draft, path)
}
