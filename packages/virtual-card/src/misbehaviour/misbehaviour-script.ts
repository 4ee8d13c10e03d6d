/** What a card does wrong. Plain JSON: bytes are hexadecimal strings. */
export interface MisbehaviourScript {
  /**
   * Files by identifier of four hexadecimal digits (`000A`) with the content they get instead, padding included: garbage,
   * a certificate cut short, lengths that lie. `null` takes the file away.
   */
  readonly files?: Readonly<Record<string, string | null>>
  /** Tried in this order; the first that applies decides, except that a delay lets the next ones apply too. */
  readonly rules?: readonly MisbehaviourRule[]
}

export interface MisbehaviourRule {
  readonly when?: {
    /** Only these commands; absent: every command. */
    readonly name?: CommandName
    /** From the n-th of them on, counted from 1 since the script was set. Default 1. */
    readonly nth?: number
  }
  /** How often the rule applies. Default: once if `nth` is given, otherwise always. */
  readonly times?: number
  readonly do: Misbehaviour
}

export type CommandName = 'SELECT' | 'READ BINARY' | 'VERIFY' | 'SIGN' | 'GET RESPONSE'

export type Misbehaviour =
  /** The card leaves the reader: before it saw the command, or after it has carried it out (the answer is lost). */
  | { readonly kind: 'remove-before' | 'remove-after' }
  /** The reader fails, before or after the card has carried the command out; the card stays. Through vpcd: as if removed. */
  | { readonly kind: 'fail-before' | 'fail-after' }
  /** The command waits. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** These bytes come back, data and status word, or fewer than two bytes. The card itself sees nothing, unless `executed`. */
  | { readonly kind: 'answer'; readonly bytes: string; readonly executed?: boolean }
  /** Status words other than 9000 that look random and are the same for the same seed. */
  | { readonly kind: 'noise'; readonly seed: number; readonly executed?: boolean }
  /** 61xx, and 61xx again to every GET RESPONSE, each with `bytes` (default 256) bytes of data. */
  | { readonly kind: 'endless-more-data'; readonly bytes?: number }
  /** 6Cxx, each time with another length than the one that was asked for. */
  | { readonly kind: 'endless-wrong-length' }
  /** No fault, but a way some readers and cards have: data comes in pieces of `bytes` by 61xx and GET RESPONSE. */
  | { readonly kind: 'split'; readonly bytes: number }
  /** So many bytes too many before the status word. */
  | { readonly kind: 'lengthen'; readonly bytes: number }
  /** Only the first so many bytes of the answer. */
  | { readonly kind: 'shorten'; readonly bytes: number }
