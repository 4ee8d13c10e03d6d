import { CONSOLE_CLIENT_ID } from '../oidc/console-sign-in.ts'
import type { LogoutNotice } from '../oidc/log-out.ts'
import { createAdminSessionStore } from '../storage/admin-session-store.ts'
import type { Database } from '../storage/database.ts'

/** Ends sessions of the console with a log-out at the provider; what is not for the console goes on to the sites. */
export function endConsoleSessions(
  database: Database,
  send: (notice: LogoutNotice) => Promise<void>,
): (notice: LogoutNotice) => Promise<void> {
  const sessions = createAdminSessionStore(database)
  return async (notice) => {
    if (notice.clientId === CONSOLE_CLIENT_ID) await sessions.endOf(notice.accountId, notice.sessionId)
    else await send(notice)
  }
}
