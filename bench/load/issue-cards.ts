import type { KeyObject } from 'node:crypto'
import type { VirtualJpki } from '@sekisho/virtual-jpki'

/** A card whose chip is this process. */
export interface Card {
  readonly certificateDer: Buffer
  readonly privateKey: KeyObject
}

/** Valid cards of so many people. */
export async function issueCards(jpki: VirtualJpki, count: number): Promise<readonly Card[]> {
  const cards: Card[] = []
  for (let n = 0; n < count; n++) cards.push(await jpki.issueAuthenticationCertificate({ label: `bench ${n}` }))
  return cards
}
