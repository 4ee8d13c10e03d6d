import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createVirtualJpki, serveVirtualJpki, type VirtualJpki } from '@sekisho/virtual-jpki'
import { VIRTUAL_KEYS } from './virtual-keys.ts'

/** A national PKI that answers, and what a provider must be told to believe in it, with secrets of its own. */
export interface VirtualNation {
  readonly jpki: VirtualJpki
  readonly url: string
  readonly environment: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** @param directory where its trust anchors are written */
export async function startVirtualNation(directory: string): Promise<VirtualNation> {
  const jpki = await createVirtualJpki({ now: () => new Date(), cacheDirectory: VIRTUAL_KEYS })
  const { url, close } = await serveVirtualJpki(jpki, { port: 0 })
  for (const purpose of ['authentication', 'signature'] as const) {
    mkdirSync(join(directory, purpose))
    for (const { name, pem } of jpki.anchors[purpose]) writeFileSync(join(directory, purpose, name), pem)
  }
  return {
    jpki,
    url,
    environment: {
      COOKIE_KEYS: randomBytes(32).toString('base64url'),
      HANDLE_PEPPER: `1:${randomBytes(32).toString('base64')}`,
      KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      TRUST_ANCHORS_DIR: directory,
      UNSAFE_TRUST_VIRTUAL_JPKI: '1',
      UNKNOWN_CARDS: 'new',
      REVOCATION_SOURCES: 'ocsp',
      OCSP_URL: `${url}/ocsp`,
      OUTBOUND_INTRANET_HOSTS: '127.0.0.1',
    },
    close,
  }
}
