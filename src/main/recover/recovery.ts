import type { Held } from './hold-what-was-lost.ts'

/** What a recovery did, for people and for programs. */
export interface Recovery {
  /** The last event of the backup: what came later is lost but for the copy. */
  readonly backupEndsAt: Date | undefined
  readonly lostEvents: number
  readonly newPeople: number
  readonly held: Held
  /** Sessions, codes, tokens, tickets. */
  readonly ended: number
}
