import type { Queryable } from './database.ts'

/** The outbox's name for a site that must be told that somebody logged out. */
export const LOGOUT_NOTICE = 'backchannel-logout'

export interface WrittenLogoutNotice {
  readonly clientId: string
  readonly accountId: string
  /** `sid` of the site's ID tokens; without it the site ends every session of the person. */
  readonly sessionId?: string
}

/** Written with what they tell of; whichever server is running sends them (main/deliver-logouts.ts). */
export async function putLogoutNotices(
  transaction: Queryable,
  notices: readonly WrittenLogoutNotice[],
  at: Date,
): Promise<void> {
  if (notices.length === 0) return
  await transaction.query(
    `INSERT INTO outbox (kind, payload, created_at, next_attempt_at)
     SELECT $1, notice, $3, $3 FROM jsonb_array_elements($2::jsonb) AS notice`,
    [LOGOUT_NOTICE, JSON.stringify(notices), at],
  )
}
