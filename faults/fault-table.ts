import { setTimeout as pause } from 'node:timers/promises'
import type { FaultWorld } from './fault-world.ts'

export interface Fault {
  readonly name: string
  /** While it lasts nothing can be granted, by nobody. */
  readonly outage: boolean
  /** Of whose readiness the run expects `unready` meanwhile. */
  readonly turnsRed: readonly number[]
  /** Whether the run has it on this machine; the reason why not. */
  readonly needs?: 'small-disk'
  begin(world: FaultWorld): Promise<void> | void
  end(world: FaultWorld): Promise<void> | void
}

const ALL = [0, 1]
const NOBODY: readonly number[] = []

/** attacks.md 40 and 41, in the order in which they are done. How long each lasts is the run's business. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'server killed',
    outage: false,
    turnsRed: NOBODY,
    begin: (world) => world.killInstance(0),
    end: (world) => world.restartInstance(0),
  },
  {
    name: 'server stopped and continued',
    outage: false,
    turnsRed: NOBODY,
    begin: (world) => {
      world.instance(1).kill('SIGSTOP')
    },
    end: (world) => {
      world.instance(1).kill('SIGCONT')
    },
  },
  {
    name: 'PostgreSQL killed',
    outage: true,
    turnsRed: ALL,
    begin: (world) => world.postgres.kill(),
    end: (world) => world.postgres.start(),
  },
  {
    name: 'PostgreSQL stopped and continued',
    outage: true,
    turnsRed: ALL,
    begin: (world) => {
      world.postgres.signal('SIGSTOP')
    },
    end: (world) => {
      world.postgres.signal('SIGCONT')
    },
  },
  {
    name: 'PostgreSQL resets every connection',
    outage: true,
    turnsRed: ALL,
    begin: ({ cables }) => {
      cables.postgres.set({ kind: 'cut' })
    },
    end: ({ cables }) => {
      cables.postgres.set({ kind: 'sound' })
    },
  },
  {
    name: 'answers of PostgreSQL are lost',
    outage: true,
    turnsRed: ALL,
    begin: ({ cables }) => {
      cables.postgres.set({ kind: 'answers-lost' })
    },
    end: ({ cables }) => {
      cables.postgres.set({ kind: 'sound' })
    },
  },
  {
    name: 'PostgreSQL is slow',
    outage: false,
    turnsRed: NOBODY,
    begin: ({ cables }) => {
      cables.postgres.set({ kind: 'slow', ms: 60 })
    },
    end: ({ cables }) => {
      cables.postgres.set({ kind: 'sound' })
    },
  },
  {
    name: 'Redis killed',
    outage: true,
    turnsRed: ALL,
    begin: (world) => world.redis.kill(),
    end: (world) => world.redis.start(),
  },
  {
    name: 'Redis stopped and continued',
    outage: true,
    turnsRed: ALL,
    begin: (world) => {
      world.redis.signal('SIGSTOP')
    },
    end: (world) => {
      world.redis.signal('SIGCONT')
    },
  },
  {
    name: 'Redis resets every connection',
    outage: true,
    turnsRed: ALL,
    begin: ({ cables }) => {
      cables.redis.set({ kind: 'cut' })
    },
    end: ({ cables }) => {
      cables.redis.set({ kind: 'sound' })
    },
  },
  {
    name: 'answers of Redis are lost',
    outage: true,
    turnsRed: ALL,
    begin: ({ cables }) => {
      cables.redis.set({ kind: 'answers-lost' })
    },
    end: ({ cables }) => {
      cables.redis.set({ kind: 'sound' })
    },
  },
  {
    name: 'Redis is slow',
    outage: false,
    turnsRed: NOBODY,
    begin: ({ cables }) => {
      cables.redis.set({ kind: 'slow', ms: 60 })
    },
    end: ({ cables }) => {
      cables.redis.set({ kind: 'sound' })
    },
  },
  {
    name: 'Redis emptied',
    outage: false,
    turnsRed: NOBODY,
    begin: (world) => world.redis.flush(),
    end: () => undefined,
  },
  {
    name: 'Redis back in time',
    outage: false,
    turnsRed: NOBODY,
    begin: async (world) => {
      await world.redis.remember()
      // what is used up and taken back in this time is what must not come back
      await pause(1500)
      await world.redis.goBack()
    },
    end: () => undefined,
  },
  {
    name: 'disk of PostgreSQL full',
    outage: false,
    turnsRed: NOBODY,
    needs: 'small-disk',
    begin: (world) => {
      world.postgres.fillDisk()
    },
    end: async (world) => {
      world.postgres.freeDisk()
      // it may have given up: an operator starts it again
      await world.postgres.kill()
      await world.postgres.start()
    },
  },
]
