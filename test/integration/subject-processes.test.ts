import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { identityOf } from '../support/certificate-identity.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'
import { createScriptedLinkage } from '../support/scripted-linkage.ts'
import { accepted, countSubjectRows, createSubjectWorld } from '../support/subject-world.ts'

const SCRIPT = fileURLToPath(new URL('../support/resolve-process.ts', import.meta.url))
const [postgres] = DATABASES

type Identity = ReturnType<typeof identityOf>

interface ResolvingProcess {
  /** The next line it writes. */
  next(): Promise<string>
  resolve(chains: readonly (readonly string[])[]): void
  kill(): Promise<void>
}

let made: TestDatabase
const running = new Set<ChildProcessByStdio<Writable, Readable, null>>()
beforeAll(async () => {
  made = await createMigratedDatabase(postgres.createDatabase)
})
afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
  running.clear()
})
afterAll(() => made.remove())

async function start(pauseAfter?: number): Promise<ResolvingProcess> {
  const { connectionString = '' } = made.database.pool.options as { connectionString?: string }
  const args = [SCRIPT, connectionString, ...(pauseAfter === undefined ? [] : [String(pauseAfter)])]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  running.add(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<string> => {
    const line = await lines.next()
    if (line.done === true) throw new Error('the process ended')
    return line.value
  }
  expect(await next()).toBe('ready')
  return {
    next,
    resolve: (chains) => {
      child.stdin.write(`${JSON.stringify(chains)}\n`)
    },
    kill: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      running.delete(child)
    },
  }
}

const outcomes = async (one: ResolvingProcess) =>
  JSON.parse(await one.next()) as { outcome: string; accountId?: string; code?: string }[]

describe('two processes', () => {
  test.each([1, 2])(
    'attack 37: fifty parallel first log-ins of one card, twenty-five in each: one account (%i)',
    async (round) => {
      const processes = await Promise.all([start(), start()])
      const crowd = Array.from({ length: 25 }, () => [`card ${round}`])
      for (const one of processes) one.resolve(crowd)
      const all = (await Promise.all(processes.map(outcomes))).flat()
      expect(all).toHaveLength(50)
      expect(all.filter(({ outcome }) => outcome === 'created')).toHaveLength(1)
      expect(all.filter(({ outcome }) => outcome === 'known')).toHaveLength(49)
      expect(new Set(all.map(({ accountId }) => accountId)).size).toBe(1)
    },
  )

  test.each([1, 2])(
    'attack 38: two cards of one chain first seen at the same time, one in each: one account (%i)',
    async (round) => {
      const processes = await Promise.all([start(), start()])
      const chain = [`newest ${round}`, `middle ${round}`, `first ${round}`]
      processes[0].resolve(Array.from({ length: 10 }, () => chain))
      processes[1].resolve(Array.from({ length: 10 }, () => chain.slice(1)))
      const all = (await Promise.all(processes.map(outcomes))).flat()
      expect(new Set(all.flatMap(({ accountId }) => accountId ?? [])).size).toBe(1)
      expect(new Set(all.flatMap(({ code }) => code ?? []))).toSatisfy(
        (codes: Set<string>) => codes.size === 0 || (codes.size === 1 && codes.has('LINK_CREDENTIAL_SUPERSEDED')),
      )
    },
  )
})

// Lock, account, three credentials, two links, what was asked, four events: killed among them, and after the last.
describe.each([1, 2, 3, 5, 6, 8, 9, 12])('attacks 39, 40: kill -9 after statement %i', (statement) => {
  test('nothing half-written, nobody kept waiting, and the next log-in makes the one account', async () => {
    const chain = [`killed ${statement} c`, `killed ${statement} b`, `killed ${statement} a`]
    const before = await countSubjectRows(made.database)
    const victim = await start(statement)
    victim.resolve([chain])
    expect(await victim.next()).toBe('paused')
    await victim.kill()
    expect(await countSubjectRows(made.database)).toEqual(before)

    // the same card again, in a process that lives: the dead one's locks went with it
    const nation = createScriptedLinkage()
    const [newest, middle, first] = chain.map((name) => identityOf(name)) as [Identity, Identity, Identity]
    nation.replaces(newest, middle)
    nation.replaces(middle, first)
    const world = createSubjectWorld(made.database, { linkage: nation.previous })
    expect(await accepted(world.resolve(newest))).toMatchObject({ outcome: 'created' })
    const after = await countSubjectRows(made.database)
    expect(after.accounts - before.accounts).toBe(1)
    expect(after.credentials - before.credentials).toBe(3)
    expect(after.credential_links - before.credential_links).toBe(2)
    expect(await accepted(world.resolve(newest))).toMatchObject({ outcome: 'known' })
  })
})
