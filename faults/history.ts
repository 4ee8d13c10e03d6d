import { createHash } from 'node:crypto'
import { appendFileSync } from 'node:fs'

/** What a client was told. `unknown`: nothing it could believe: no answer, a broken one, or a fault of the server's. */
export type Told = 'ok' | 'refused' | 'unknown'

/** What happened, as seen from outside. Codes, tickets and tokens are there as digests. */
export type HistoryEntry = {
  /** Milliseconds since the run began. */
  readonly from: number
  readonly to: number
} & (
  | { readonly op: 'sign-in'; readonly persona: string; readonly told: Told }
  | {
      readonly op: 'redeem'
      readonly code: string
      readonly persona: string
      readonly told: Told
      readonly sub?: string
    }
  | { readonly op: 'answer' | 'complete'; readonly ticket: string; readonly told: Told }
  | { readonly op: 'refresh'; readonly token: string; readonly told: Told }
  | { readonly op: 'revoke'; readonly token: string; readonly told: Told }
  | { readonly op: 'introspect'; readonly token: string; readonly told: 'active' | 'inactive' | 'unknown' }
  /** By an operator's hand, of one card: what it is now after this act, and the operation on record. */
  | {
      readonly op: 'link'
      readonly act: LinkAct
      readonly credential: string
      /** Where its card belongs after `merge` and `link`. */
      readonly account: string
      readonly told: Told
      readonly operation?: string
    }
  | { readonly op: 'readiness'; readonly instance: number; readonly told: 'ready' | 'unready' | 'unknown' }
  /** `outage`: while it lasts nothing may be granted. */
  | { readonly op: 'fault'; readonly name: string; readonly outage: boolean; readonly recoveredAfterMs: number }
)

export type LinkAct = 'merge' | 'undo' | 'unlink' | 'link'

/** `Omit` of a union, member by member. */
type Untimed<Entry> = Entry extends unknown ? Omit<Entry, 'from' | 'to'> : never

export interface History {
  readonly entries: readonly HistoryEntry[]
  now(): number
  /** Appends what was told about something that began then. */
  tell(from: number, entry: Untimed<HistoryEntry>): void
}

/** @param file one line of JSON an entry, written at once: what is in it was told, whatever happens to us */
export function createHistory(file: string): History {
  const began = performance.now()
  const entries: HistoryEntry[] = []
  const now = (): number => Math.round(performance.now() - began)
  return {
    entries,
    now,
    tell(from, entry) {
      const whole = { from, to: now(), ...entry } as HistoryEntry
      entries.push(whole)
      appendFileSync(file, `${JSON.stringify(whole)}\n`)
    },
  }
}

/** What stands for a secret in a history. */
export function nameOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url').slice(0, 16)
}

/** @param status of an answer; undefined when there was none */
export function toldBy(status: number | undefined): Told {
  if (status === undefined || status >= 500 || status === 429) return 'unknown'
  return status < 400 ? 'ok' : 'refused'
}
