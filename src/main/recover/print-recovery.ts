import type { Recovery } from './recovery.ts'

/** What the operator has to know, and what is left to do. */
export function printRecovery({ backupEndsAt, lostEvents, newPeople, held, ended }: Recovery): string {
  const { cards, accounts, clients, keys, owners } = held
  const list = (title: string, names: readonly string[], next: string): string[] =>
    names.length === 0 ? [] : [`${title} (${next}):`, ...names.map((name) => `  ${name}`)]
  return [
    `the backup ends with ${backupEndsAt === undefined ? 'an empty audit log' : backupEndsAt.toISOString()}`,
    `${ended} sessions, codes, tokens and tickets ended`,
    `${lostEvents} events of the copy are not in the database`,
    ...(newPeople === 0 ? [] : [`${newPeople} people came after it: they come back as new, with another sub`]),
    ...list('cards taken out', cards, 'done again'),
    ...list('accounts suspended', accounts, 'repeat what was done to them, then “sekisho account reopen”'),
    ...list('sites disabled', clients, 'look at their registration and secrets, then “sekisho client enable”'),
    ...list('signing keys withdrawn', keys, 'others sign now'),
    ...list('owners removed', owners, 'nobody else is one: then “sekisho admin invite”'),
    'The database is in service again.',
  ].join('\n')
}
