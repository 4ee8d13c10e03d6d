import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { openDatabase } from '../src/storage/open-database.ts'
import { identityOf } from '../test/support/certificate-identity.ts'
import { accepted, createSubjectWorld } from '../test/support/subject-world.ts'
import type { FaultWorld } from './fault-world.ts'
import type { History, LinkAct } from './history.ts'
import type { AtWork } from './person-at-work.ts'

const BY = { actor: 'operator', reason: 'a fault run' } as const

/**
 * Somebody who merges accounts, takes it back, takes cards out and links them, through whatever happens to the database, and writes down what
 * was acknowledged. Each round has cards of its own: what became of an act without an answer disturbs nobody.
 */
export async function putOperatorToWork(world: FaultWorld, history: History): Promise<AtWork> {
  const databaseUrl = `postgres://postgres@127.0.0.1:${world.cables.postgres.port}/postgres`
  const database = await openDatabase({ databaseUrl, maxConnections: 2 })
  const subjects = createSubjectWorld(database, { now: () => new Date() })
  const stopping = new AbortController()
  let rounds = 0

  const round = async (): Promise<void> => {
    const card = (which: string) => subjects.resolve(identityOf(`operator ${randomUUID()} ${which}`))
    const [one, other] = [await accepted(card('one')), await accepted(card('other'))]
    const { credentialId } = other
    const act = async (name: LinkAct, work: () => Promise<string>): Promise<string> => {
      const from = history.now()
      const said = { op: 'link', act: name, credential: credentialId, account: one.accountId } as const
      try {
        const operation = await work()
        history.tell(from, { ...said, told: 'ok', operation })
        return operation
      } catch (fault) {
        history.tell(from, { ...said, told: 'unknown' })
        throw fault
      }
    }
    const merge = await act('merge', () =>
      subjects.graph.merge({ accountId: other.accountId, into: one.accountId }, BY),
    )
    await act('undo', () => subjects.graph.undo(merge, BY))
    await act('unlink', () => subjects.graph.unlink({ credentialId }, BY))
    await act('link', () => subjects.graph.link({ credentialId, accountId: one.accountId }, BY))
  }

  const working = (async () => {
    while (!stopping.signal.aborted) {
      // it is written down; the next one begins anew
      await round().catch(() => pause(50))
      rounds += 1
      // nobody merges accounts a hundred times a second
      await pause(100)
    }
  })()
  return {
    rounds: () => rounds,
    stop: async () => {
      stopping.abort()
      await working
      await database.close()
    },
  }
}
