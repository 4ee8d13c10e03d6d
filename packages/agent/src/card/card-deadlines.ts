/** How long the card may take. Units in the names. A real card needs 20 to 100 ms for a command and about 1 s to sign. */
export interface CardDeadlines {
  /** For one command and its answer. */
  readonly commandMs: number
  /** For everything between connecting and releasing. */
  readonly sessionMs: number
  /** For listing the readers, and for taking the card from another program. */
  readonly connectMs: number
  /** For the reset at the end; the page does not wait longer for it. */
  readonly releaseMs: number
}

export const CARD_DEADLINES: CardDeadlines = Object.freeze({
  commandMs: 6_000,
  sessionMs: 20_000,
  connectMs: 5_000,
  releaseMs: 3_000,
})
