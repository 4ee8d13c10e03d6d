import type { Database } from './database.ts'

/** Of one process. */
export interface PoolUse {
  readonly in_use: number
  readonly idle: number
  /** Work that waits for a connection: more than a few for long means that `DATABASE_MAX_CONNECTIONS` is too small. */
  readonly waiting: number
  readonly most: number
}

export function poolUseOf({ pool }: Pick<Database, 'pool'>): PoolUse {
  const { totalCount, idleCount, waitingCount, options } = pool
  return { in_use: totalCount - idleCount, idle: idleCount, waiting: waitingCount, most: options.max }
}
