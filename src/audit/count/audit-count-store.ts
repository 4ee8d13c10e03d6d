/** How often something happened in one hour. */
export interface AuditCount {
  /** Its begin, UTC. */
  readonly hour: Date
  readonly type: string
  /** Of a refusal. */
  readonly code: string | undefined
  readonly events: number
}

/** Port: the log in numbers. */
export interface AuditCountStore {
  /**
   * Counts what was sealed since, a bounded part of it; of several processes one does.
   *
   * @returns whether there is more to count at once
   */
  countSealed(): Promise<boolean>
  /** From this hour on, in order; what is not sealed yet is in it. */
  since(hour: Date): Promise<readonly AuditCount[]>
}
