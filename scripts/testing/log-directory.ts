/** Set by scripts/test.ts: where processes of the tests leave their logs. */
export const LOG_DIRECTORY = 'SEKISHO_TEST_LOGS'

/** Files in it: logs, and `kind value` lines of what must be in none of them. */
export const LOG_FILE_SUFFIX = '.log'
export const KNOWN_FILE_SUFFIX = '.known'
