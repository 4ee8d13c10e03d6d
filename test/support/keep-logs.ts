/**
 * Keeps every log of a test run in one directory, where the last step of `npm test` looks for what must be in no log
 * (scripts/testing/search-logs.ts). Without that directory nothing is logged.
 */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type { VirtualJpki } from '@sekisho/virtual-jpki'
import { KNOWN_FILE_SUFFIX, LOG_DIRECTORY, LOG_FILE_SUFFIX } from '../../scripts/testing/log-directory.ts'

const directory = process.env[LOG_DIRECTORY]
const fileFor = (suffix: string): string => join(directory ?? '', `${process.pid}${suffix}`)

/** For `LOG_LEVEL`: all there is when it is kept. */
export const TEST_LOG_LEVEL = directory === undefined ? 'silent' : 'trace'

/** For a provider or an agent in this process. */
export const TEST_LOG = {
  write(line: string): void {
    keepLog(line)
  },
}

/** What a process of its own wrote on standard error. */
export function keepLog(text: string): void {
  if (directory !== undefined) appendFileSync(fileFor(LOG_FILE_SUFFIX), text)
}

/** Numbers that this JPKI gave to certificates, to be looked for. */
export function keepIssued({ registry }: Pick<VirtualJpki, 'registry'>): void {
  if (directory === undefined) return
  const serials = registry.list().map(({ serialNumber }) => `serial ${serialNumber}\n`)
  appendFileSync(fileFor(KNOWN_FILE_SUFFIX), serials.join(''))
}

/** Something secret that a test has in hand: a token, a PIN, a certificate. */
export function keepSecret(kind: string, value: string | undefined): void {
  if (directory !== undefined && value !== undefined && value !== '')
    appendFileSync(fileFor(KNOWN_FILE_SUFFIX), `${kind} ${value}\n`)
}
