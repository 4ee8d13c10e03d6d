import { setTimeout as pause } from 'node:timers/promises'
import type { Bench } from '../bench.ts'
import type { Contestant } from '../contestants/contestant.ts'
import { medianOf } from '../judge/statistics.ts'
import { introspect, refresh } from '../load/ask-token-endpoints.ts'
import { openCrowd } from '../load/open-crowd.ts'
import type { Tokens } from '../load/log-in.ts'
import { createCommandReader } from '../wire/count-redis-commands.ts'
import { createStatementReader } from '../wire/count-statements.ts'
import { createMeter, tapConnection, type Meter, type Traffic } from '../wire/tap-connection.ts'

/** Each thing is done so often, one at a time: what a server does by itself meanwhile falls out of the median. */
const TIMES = 7
const QUICK_TIMES = 5
/** Nobody comes; what is asked all the same belongs to nobody. */
const IDLE_MS = 4_000
const QUICK_IDLE_MS = 2_500
/** What the plain adapter was known to need: waits and commands. */
const KNOWN = { logIn: [20, 49], introspection: [4, 6] } as const

interface Counted {
  readonly redis: Traffic
  readonly postgres: Traffic
  /** Waits for either: both at a time are one. */
  readonly together: number
  readonly browserRequests: number
}

/** How often one log-in, introspection and refresh wait for Redis and PostgreSQL, counted on the wire. */
export async function measureWaits(bench: Bench): Promise<void> {
  const joint = createMeter()
  const { stock, ours } = await bench.arena.tapped({
    redis: (port) => tapConnection(port, createCommandReader, joint),
    postgres: (port) => tapConnection(port, createStatementReader, joint),
  })
  // what ours does every second or so, such as looking into its outbox
  const byItself = await ours.postgres.meter.during(() => pause(bench.isQuick ? QUICK_IDLE_MS : IDLE_MS))
  for (const meter of [joint, ours.postgres.meter]) meter.ignore(byItself.commands)
  const meters = { redis: stock.redis.meter, postgres: createMeter(), joint }
  const theirs = await countAll(bench, stock.contestant, meters)
  const own = await countAll(bench, ours.contestant, {
    ...meters,
    redis: ours.redis.meter,
    postgres: ours.postgres.meter,
  })
  for (const [what, counted] of Object.entries(theirs)) sayWhat(bench, `stock, ${what}`, counted)
  for (const [what, counted] of Object.entries(own)) sayWhat(bench, `ours, ${what}`, counted)
  for (const [what, known] of Object.entries(KNOWN) as [keyof typeof KNOWN, readonly number[]][]) {
    const found = [theirs[what].redis.waits, theirs[what].redis.commands.length]
    if (String(found) !== String(known)) {
      bench.say(
        `THE BASELINE DIFFERS: ${what} of stock takes ${found.join(' waits and ')} commands, not ${known.join(' and ')}`,
      )
    }
    bench.fact(`stock ${what}: Redis waits`, found[0] ?? 0, 'waits')
    bench.fact(`stock ${what}: Redis commands`, found[1] ?? 0, 'commands')
  }
  for (const [what, counted] of Object.entries(own)) {
    bench.fact(`ours ${what}: Redis commands`, counted.redis.commands.length, 'commands')
    bench.fact(`ours ${what}: PostgreSQL statements`, counted.postgres.commands.length, 'statements')
    bench.fact(`ours ${what}: waits for either`, counted.together, 'waits')
  }
  bench.reach('introspectionWaits', own.introspection.together)
  bench.reach('introspectionCommands', own.introspection.redis.commands.length)
  bench.reach('logInRequests', own.logIn.browserRequests)
  bench.reach('logInRedisWaits', own.logIn.redis.waits)
  bench.reach('logInPostgresWaits', own.logIn.postgres.waits)
}

interface Meters {
  readonly redis: Meter
  readonly postgres: Meter
  readonly joint: Meter
}

async function countAll(bench: Bench, contestant: Contestant, { redis, postgres, joint }: Meters) {
  const crowd = openCrowd(contestant, (await bench.arena.cards()).slice(0, 1), 1)
  const connection = crowd.connection(0)
  const count = async (work: () => Promise<{ readonly browserRequests?: number }>): Promise<Counted> => {
    const all: Counted[] = []
    for (let time = 0; time < (bench.isQuick ? QUICK_TIMES : TIMES); time++) {
      let browserRequests = 0
      let inRedis: Traffic = { waits: 0, commands: [] }
      let inPostgres = inRedis
      const { waits: together } = await joint.during(async () => {
        inPostgres = await postgres.during(async () => {
          inRedis = await redis.during(async () => {
            browserRequests = (await work()).browserRequests ?? 0
          })
        })
      })
      all.push({ redis: inRedis, postgres: inPostgres, together, browserRequests })
    }
    return typicalOf(all)
  }
  let tokens: Tokens | undefined
  const logIn = async (offline: boolean): Promise<Tokens> =>
    (tokens = await contestant.logIn(connection, crowd.card(0), { offline }))
  try {
    // the first of a person and of a process is not like the others
    for (let time = 0; time < 3; time++) await logIn(true)
    const counted = {
      logIn: await count(() => logIn(true)),
      refresh: await count(async () => {
        const { refresh: token = '' } = tokens ?? {}
        tokens = { access: '', browserRequests: 0, refresh: await refresh(connection, contestant.siteSecret, token) }
        return {}
      }),
      introspection: await (async () => {
        const { access } = await logIn(false)
        return count(async () => {
          await introspect(connection, contestant.apiSecret, access)
          return {}
        })
      })(),
    }
    return counted
  } finally {
    await crowd.close()
  }
}

/** Of each figure the run that stands in the middle. */
function typicalOf(all: readonly Counted[]): Counted {
  const inTheMiddle = (figure: (counted: Counted) => number): Counted => {
    const median = medianOf(all.map(figure))
    return all.find((counted) => figure(counted) === median) ?? (all[0] as Counted)
  }
  return {
    redis: inTheMiddle(({ redis }) => redis.commands.length * 1000 + redis.waits).redis,
    postgres: inTheMiddle(({ postgres }) => postgres.waits).postgres,
    together: medianOf(all.map(({ together }) => together)),
    browserRequests: medianOf(all.map(({ browserRequests }) => browserRequests)),
  }
}

function sayWhat(bench: Bench, what: string, { redis, postgres, together }: Counted): void {
  bench.say(`${what}: Redis ${redis.waits} waits, ${redis.commands.length} commands: ${redis.commands.join(' ')}`)
  if (postgres.commands.length === 0) return
  bench.say(
    `   ${together} waits for either; PostgreSQL ${postgres.waits} waits, ${postgres.commands.length} statements:`,
  )
  for (const statement of postgres.commands) bench.say(`     ${statement}`)
}
