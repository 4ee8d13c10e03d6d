/**
 * A process of its own that resolves cards: `node resolve-process.ts DATABASE_URL [PAUSE_AFTER]`. It writes `ready`, reads lines with a
 * list of chains ([["newest", …, "oldest"], …]), resolves the newest of each at once, and writes the outcomes. With PAUSE_AFTER it
 * stops for ever inside a transaction, after so many statements, and writes `paused`: to be killed there.
 */
import { createInterface } from 'node:readline'
import type { Database } from '../../src/storage/database.ts'
import { openDatabase } from '../../src/storage/open-database.ts'
import { identityOf } from './certificate-identity.ts'
import { createScriptedLinkage } from './scripted-linkage.ts'
import { createSubjectWorld } from './subject-world.ts'

const [databaseUrl = '', pauseAfter] = process.argv.slice(2)
const opened = await openDatabase({ databaseUrl, maxConnections: 20 })
const database = pauseAfter === undefined ? opened : pausing(opened, Number(pauseAfter))

console.log('ready')
for await (const line of createInterface({ input: process.stdin })) {
  const nation = createScriptedLinkage()
  const chains = JSON.parse(line) as string[][]
  for (const chain of chains) {
    for (const [n, newer] of chain.entries()) {
      const older = chain[n + 1]
      if (older !== undefined) nation.replaces(identityOf(newer), identityOf(older))
    }
  }
  const world = createSubjectWorld(database, { linkage: nation.previous })
  console.log(JSON.stringify(await Promise.all(chains.map(([newest = '']) => world.resolve(identityOf(newest))))))
}
await opened.close()

function pausing(whole: Database, statements: number): Database {
  return {
    ...whole,
    query: (text, values) => whole.query(text, values),
    transaction: (work) =>
      whole.transaction((transaction) => {
        let done = 0
        return work({
          query: async (text, values) => {
            const result = await transaction.query(text, values)
            done += 1
            if (done === statements) {
              console.log('paused')
              await new Promise<never>(() => undefined)
            }
            return result as never
          },
        })
      }),
  }
}
