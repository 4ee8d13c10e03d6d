import { countServers } from '../storage/count-servers.ts'
import type { Database } from '../storage/database.ts'
import { CommandRefused, EX_DATAERR } from './command-refused.ts'

/** @throws CommandRefused while a server is connected to the database */
export async function refuseWhileServed(pool: Database['pool']): Promise<void> {
  const servers = await countServers(pool)
  if (servers === 0) return
  throw new CommandRefused(
    EX_DATAERR,
    `${servers} servers are connected to the database: stop them first. Nothing was changed.`,
  )
}
