/** What the agent needs from PC/SC, and nothing more. */
export interface CardReaders {
  /**
   * The readers as they are now.
   *
   * @throws CardFailure('READER_SERVICE_UNAVAILABLE')
   */
  list(): Promise<readonly CardReader[]>

  /**
   * Takes the card for this program alone: until `release()`, no other program can send it a command (jpki.md §1.3:
   * a verified PIN lives on the card, not in the connection). Waits a bounded time for a program that holds it.
   *
   * @throws CardFailure READER_BUSY, READER_REMOVED, CARD_NOT_FOUND, CARD_UNSUPPORTED, READER_SERVICE_UNAVAILABLE
   */
  connect(readerName: string): Promise<CardConnection>

  /** Lets go of the PC/SC service. */
  close(): Promise<void>
}

export interface CardReader {
  /** As the driver names it; may hold the device's serial number, so shown only through `showReaderName`. */
  readonly name: string
  /** `mute`: something lies on the reader that does not answer. */
  readonly card: 'present' | 'absent' | 'mute'
  /** Grows each time something is put on the reader: the same number means that nothing was exchanged meanwhile. */
  readonly insertion: number
}

export interface CardConnection {
  /**
   * One command APDU, one response APDU with its two status bytes. One at a time.
   *
   * @throws CardFailure CARD_REMOVED, READER_REMOVED, READER_SERVICE_UNAVAILABLE, READER_BUSY, CARD_PROTOCOL_ERROR
   */
  transmit(command: Uint8Array): Promise<Uint8Array>

  /**
   * Resets the card, which forgets its verified PIN, and gives it back. Never rejects. May be called while a command is still
   * under way: the reset then follows as soon as the reader returns, and this call does not wait for it.
   */
  release(): Promise<void>
}
