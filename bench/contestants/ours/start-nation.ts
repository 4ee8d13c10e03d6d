import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createVirtualJpki, serveVirtualJpki, type VirtualJpki } from '@sekisho/virtual-jpki'

/** A national PKI that answers in this process, and what a provider is told to believe in it. */
export interface Nation {
  readonly jpki: VirtualJpki
  readonly environment: Readonly<Record<string, string>>
  /** From now on answers hold for so long; not at all unless told. */
  hold(answers: 'never' | 'fifteen minutes'): void
  /** OCSP requests so far. */
  readonly asked: number
  close(): Promise<void>
}

/** How long an answer of the virtual JPKI holds, and a little more, yet less than the skew that is allowed. */
const JUST_OVER_MS = 15 * 60_000 + 5_000

/**
 * Its answers have just run out when they come, which the allowed skew forgives, so that nobody may keep them: the national service is asked
 * at every log-in, as it is on a morning when everybody logs in once.
 *
 * @param directory where the trust anchors are written
 */
export async function startNation(directory: string): Promise<Nation> {
  let behindMs = JUST_OVER_MS
  const jpki = await createVirtualJpki({
    seed: 'bench',
    now: () => new Date(Date.now() - behindMs),
    cacheDirectory: '.sekisho/bench-keys',
  })
  let asked = 0
  const counted = Object.create(jpki, {
    answerOcsp: {
      value: (...question: Parameters<VirtualJpki['answerOcsp']>) => {
        asked += 1
        return jpki.answerOcsp(...question)
      },
    },
  }) as VirtualJpki
  const server = await serveVirtualJpki(counted, { port: 0 })
  for (const purpose of ['authentication', 'signature'] as const) {
    mkdirSync(join(directory, purpose))
    for (const { name, pem } of jpki.anchors[purpose]) writeFileSync(join(directory, purpose, name), pem)
  }
  return {
    jpki,
    environment: {
      COOKIE_KEYS: randomBytes(32).toString('base64url'),
      HANDLE_PEPPER: `1:${randomBytes(32).toString('base64')}`,
      KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      TRUST_ANCHORS_DIR: directory,
      UNSAFE_TRUST_VIRTUAL_JPKI: '1',
      UNKNOWN_CARDS: 'new',
      REVOCATION_SOURCES: 'ocsp',
      OCSP_URL: `${server.url}/ocsp`,
      OUTBOUND_INTRANET_HOSTS: '127.0.0.1',
    },
    hold: (answers) => {
      behindMs = answers === 'never' ? JUST_OVER_MS : 0
    },
    get asked() {
      return asked
    },
    close: () => server.close(),
  }
}
