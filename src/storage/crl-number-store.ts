import type { CrlNumberMemory } from '../certificate/revocation/crl/crl-number-memory.ts'
import type { Database } from './database.ts'

/** Numbers of revocation lists in PostgreSQL. They only ever rise, whoever writes last. */
export function createCrlNumberStore(database: Database): CrlNumberMemory {
  return {
    async read() {
      const { rows } = await database.query<{ scope: string; number: string }>(
        'SELECT scope, number::text AS number FROM crl_numbers',
      )
      return Object.fromEntries(rows.map(({ scope, number }) => [scope, BigInt(number)]))
    },

    async write(numbers) {
      const entries = Object.entries(numbers)
      await database.query(
        `INSERT INTO crl_numbers (scope, number)
         SELECT * FROM unnest($1::text[], $2::numeric[])
         ON CONFLICT (scope) DO UPDATE SET number = greatest(crl_numbers.number, excluded.number)`,
        [entries.map(([scope]) => scope), entries.map(([, number]) => String(number))],
      )
    },
  }
}
