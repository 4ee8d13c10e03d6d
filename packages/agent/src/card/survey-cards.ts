import { X509Certificate } from 'node:crypto'
import type { AgentFailureCode } from '@sekisho/protocol'
import { CardFailure } from './card-failure.ts'
import type { CardReader } from './card-readers.ts'
import { listReaders } from './find-card.ts'
import { openToken } from './inspect-card.ts'
import type { TokenKind } from './read-token-kind.ts'
import { readTriesLeft } from './read-tries-left.ts'
import { withCard, type CardAccess } from './with-card.ts'

export interface SurveyedReader {
  readonly reader: CardReader
  /** Absent: nothing lies there, or it could not be read (then `code` says why). */
  readonly token?: {
    readonly kind: TokenKind
    /** Undefined for a telephone, which shows its certificate only after the PIN. */
    readonly validity: { readonly from: Date; readonly to: Date } | undefined
    readonly triesLeft: number
  }
  readonly code?: AgentFailureCode
}

/**
 * What lies on each reader, without spending anything. Of the certificate only its dates are kept.
 *
 * @throws CardFailure READER_SERVICE_UNAVAILABLE
 */
export async function surveyCards(access: CardAccess): Promise<readonly SurveyedReader[]> {
  const surveyed: SurveyedReader[] = []
  // One after the other: the readers share the threads in which PC/SC calls wait.
  for (const reader of await listReaders(access)) surveyed.push(await survey(access, reader))
  return surveyed
}

async function survey(access: CardAccess, reader: CardReader): Promise<SurveyedReader> {
  if (reader.card === 'absent') return { reader }
  if (reader.card === 'mute') return { reader, code: 'CARD_UNSUPPORTED' }
  try {
    const token = await withCard(access, reader.name, async (channel) => {
      const { kind, certificateDer } = await openToken(channel)
      const validity = certificateDer && validityOf(certificateDer)
      return { kind, validity, triesLeft: await readTriesLeft(channel) }
    })
    return { reader, token }
  } catch (error) {
    if (error instanceof CardFailure) return { reader, code: error.code }
    throw error
  }
}

function validityOf(certificateDer: Buffer): { from: Date; to: Date } {
  try {
    const { validFrom, validTo } = new X509Certificate(certificateDer)
    return { from: new Date(validFrom), to: new Date(validTo) }
  } catch {
    // No cause: OpenSSL's message may quote bytes of the certificate.
    throw new CardFailure('CARD_PROTOCOL_ERROR', 'certificate cannot be parsed')
  }
}
