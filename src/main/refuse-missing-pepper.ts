import { ConfigError } from '../config/config-error.ts'
import type { Config } from '../config/config.ts'
import { createPepperCensus } from '../storage/pepper-census.ts'
import type { Database } from '../storage/database.ts'

/**
 * Without its pepper a card is a stranger, and its person would get a second account: a server that misses one does not start.
 *
 * @throws ConfigError
 */
export async function refuseMissingPepper(
  { handlePeppers }: Pick<Config, 'handlePeppers'>,
  database: Database,
): Promise<void> {
  const known = handlePeppers.reveal().map(({ version }) => version)
  const missing = await createPepperCensus(database).missing(known)
  if (missing.length === 0) return
  throw new ConfigError([
    {
      key: 'HANDLE_PEPPER',
      fault:
        `lacks version ${missing.join(', ')}, which cards are still kept under: without it they are strangers. ` +
        'Put it back; “sekisho pepper status” says how many there are, “sekisho pepper rotate” when it can be forgotten',
    },
  ])
}
