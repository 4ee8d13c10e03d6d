/** Anything that can be put into a reader: the card itself, or a card that misbehaves by script. */
export interface InsertableCard {
  /** Answer to reset. */
  readonly atr: Buffer
  /**
   * Hands a command APDU to the card.
   *
   * @returns data and two bytes of status word
   * @throws CardRemoved when the card leaves the reader, CardTransportFailed when the answer is lost
   */
  transmit(apdu: Uint8Array): Buffer | Promise<Buffer>
  /** Warm reset or loss of power: selection and PIN state are gone, counters stay. */
  reset(): void
}
