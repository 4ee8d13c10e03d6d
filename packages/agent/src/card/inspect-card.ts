import { createHash } from 'node:crypto'
import type { AgentFailureCode } from '@sekisho/protocol'
import { CardFailure } from './card-failure.ts'
import { checkTokenLabel } from './check-token-label.ts'
import { chooseSigningMethod } from './choose-signing-method.ts'
import { findCard } from './find-card.ts'
import { readCertificate } from './read-certificate.ts'
import { readTriesLeft } from './read-tries-left.ts'
import { selectApplication } from './select-application.ts'
import { withCard, type CardAccess } from './with-card.ts'

export type CardStatus =
  | { readonly state: 'ready'; readonly card: InspectedCard }
  | { readonly state: 'several-cards' }
  | { readonly state: 'problem'; readonly code: AgentFailureCode; readonly detail?: string | undefined }

export interface InspectedCard {
  readonly readerName: string
  /** 0 to 15. */
  readonly triesLeft: number
  /** SHA-256 of the certificate, held for the life of the ceremony only: is it still the same card? */
  readonly certificateDigest: Buffer
}

/**
 * Looks at the card before a PIN is asked for: is it the right kind, has it a certificate, how many tries are left. Spends none.
 * Card trouble is an answer here, not an error.
 */
export async function inspectCard(access: CardAccess): Promise<CardStatus> {
  try {
    const found = await findCard(access)
    if (found === 'several') return { state: 'several-cards' }
    return await withCard(access, found.readerName, async (channel) => {
      await selectApplication(channel)
      await checkTokenLabel(channel)
      const certificateDer = await readCertificate(channel)
      // A key this program cannot sign with must not cost a PIN.
      chooseSigningMethod(certificateDer)
      const triesLeft = await readTriesLeft(channel)
      const card = { readerName: found.readerName, triesLeft, certificateDigest: digestCertificate(certificateDer) }
      return { state: 'ready', card } as const
    })
  } catch (error) {
    if (error instanceof CardFailure) return { state: 'problem', code: error.code, detail: error.detail }
    throw error
  }
}

export function digestCertificate(certificateDer: Uint8Array): Buffer {
  return createHash('sha256').update(certificateDer).digest()
}
