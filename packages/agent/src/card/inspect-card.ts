import { createHash } from 'node:crypto'
import type { AgentFailureCode } from '@sekisho/protocol'
import { CardFailure } from './card-failure.ts'
import { chooseSigningMethod } from './choose-signing-method.ts'
import type { ApduChannel } from './create-apdu-channel.ts'
import { findCard } from './find-card.ts'
import { readCertificate } from './read-certificate.ts'
import { readTokenKind, type TokenKind } from './read-token-kind.ts'
import { readTriesLeft } from './read-tries-left.ts'
import { selectApplication } from './select-application.ts'
import { withCard, type CardAccess } from './with-card.ts'

export type CardStatus =
  | { readonly state: 'ready'; readonly card: InspectedCard }
  | { readonly state: 'several-cards'; readonly readerNames: readonly string[] }
  | { readonly state: 'problem'; readonly code: AgentFailureCode; readonly detail?: string | undefined }

export interface InspectedCard {
  readonly readerName: string
  /** Of the reader: see `CardReader`. */
  readonly insertion: number
  readonly kind: TokenKind
  /** 0 to 15. */
  readonly triesLeft: number
  /**
   * SHA-256 of the certificate, held for the life of the ceremony only: is it still the same card? A telephone shows none before
   * its PIN; of it is known only whether it was taken away.
   */
  readonly certificateDigest: Buffer | undefined
}

/**
 * Looks at the card before a PIN is asked for: is it the right kind, has it a certificate, how many tries are left. Spends none.
 * Card trouble is an answer here, not an error.
 *
 * @param chosen the reader a person named among several
 */
export async function inspectCard(access: CardAccess, chosen?: string): Promise<CardStatus> {
  try {
    const found = await findCard(access, chosen)
    if (found.outcome === 'several') return { state: 'several-cards', readerNames: found.readerNames }
    const { name: readerName, insertion } = found.reader
    return await withCard(access, readerName, async (channel) => {
      const { kind, certificateDer } = await openToken(channel)
      // A key this program cannot sign with must not cost a PIN.
      if (certificateDer !== undefined) chooseSigningMethod(certificateDer)
      const triesLeft = await readTriesLeft(channel)
      const certificateDigest = certificateDer && digestCertificate(certificateDer)
      return { state: 'ready', card: { readerName, insertion, kind, triesLeft, certificateDigest } } as const
    })
  } catch (error) {
    if (error instanceof CardFailure) return { state: 'problem', code: error.code, detail: error.detail }
    throw error
  }
}

/** What every session starts with: the application, what it lives on and, where no PIN is needed for that, the certificate. */
export async function openToken(
  channel: ApduChannel,
): Promise<{ kind: TokenKind; certificateDer: Buffer | undefined }> {
  await selectApplication(channel)
  const kind = await readTokenKind(channel)
  return { kind, certificateDer: kind === 'card' ? await readCertificate(channel) : undefined }
}

export function isSameCard(one: InspectedCard, other: InspectedCard): boolean {
  if (one.readerName !== other.readerName || one.kind !== other.kind) return false
  if (one.certificateDigest === undefined || other.certificateDigest === undefined) {
    return one.insertion === other.insertion
  }
  return one.certificateDigest.equals(other.certificateDigest)
}

export function digestCertificate(certificateDer: Uint8Array): Buffer {
  return createHash('sha256').update(certificateDer).digest()
}
