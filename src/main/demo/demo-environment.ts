import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { VirtualJpki } from '@sekisho/virtual-jpki'

export type DemoLinkage = 'previous' | 'person' | 'none'

/** The anchors as an operator would have put them there: one directory a purpose. @returns the directory */
export async function writeAnchors(jpki: VirtualJpki, directory: string): Promise<string> {
  for (const purpose of ['authentication', 'signature'] as const) {
    await mkdir(join(directory, purpose), { recursive: true, mode: 0o700 })
    for (const { name, pem } of jpki.anchors[purpose]) await writeFile(join(directory, purpose, name), pem)
  }
  return directory
}

/** What the linkage service is asked, and what becomes of a card that nobody knows. */
export function linkageEnvironment(style: DemoLinkage, jpkiUrl: string): Record<string, string> {
  if (style === 'none') return { LINKAGE_SOURCE: 'none', UNKNOWN_CARDS: 'ask' }
  return {
    LINKAGE_SOURCE: 'operator',
    LINKAGE_STYLE: style,
    LINKAGE_URL: `${jpkiUrl}/linkage`,
    LINKAGE_TOKEN_URL: `${jpkiUrl}/linkage/token`,
    LINKAGE_CLIENT_ID: 'sekisho-demo',
    LINKAGE_CLIENT_SECRET: 'not a secret: the virtual JPKI believes everybody',
    // a first card is a new account; only a first phone is asked about
    UNKNOWN_CARDS: 'new',
  }
}

/** The embedded database keeps its secrets itself; with another one they last as long as the demonstration. */
export function databaseEnvironment(databaseUrl: string | undefined, dataDirectory: string): Record<string, string> {
  if (databaseUrl === undefined) return { DATA_DIR: dataDirectory }
  return {
    DATABASE_URL: databaseUrl,
    COOKIE_KEYS: randomBytes(32).toString('base64url'),
    HANDLE_PEPPER: `1:${randomBytes(32).toString('base64')}`,
    KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
  }
}
