/** The card is not in the reader (any more). */
export class CardRemoved extends Error {
  override readonly name = 'CardRemoved'
  constructor() {
    super('the card was removed from the reader')
  }
}

/** The reader could not bring an answer of the card; the card is still there. */
export class CardTransportFailed extends Error {
  override readonly name = 'CardTransportFailed'
  constructor() {
    super('the reader failed to exchange bytes with the card')
  }
}
