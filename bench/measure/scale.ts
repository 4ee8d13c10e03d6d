import { startRedisCluster } from '../../test/support/redis-cluster.ts'
import { migrateUp } from '../../src/storage/migrate.ts'
import { openDatabase } from '../../src/storage/open-database.ts'
import type { Bench } from '../bench.ts'
import type { OursContestant } from '../contestants/contestant.ts'
import type { ClientSecrets } from '../contestants/ours/start-ours.ts'
import { introspect } from '../load/ask-token-endpoints.ts'
import { openConnection, type Connection } from '../load/http-connection.ts'
import { openCrowd } from '../load/open-crowd.ts'
import { runLoad, type LoadFigures } from '../load/run-load.ts'
import { memoryOf } from '../process/cpu-of-tree.ts'
import { fillCountry } from './fill-country.ts'
import { measureLookUpsIn } from './subject.ts'
import { spreadOfMeasured, type Measured } from './take-turns.ts'

const LARGEST = 10_000_000
const QUICK_LARGEST = 10_000
const PEOPLE = 16
const APIS = 64
const TOKENS = 64
/** There are many places to measure; what is looked for is a slope over powers of ten. */
const ROUNDS = 3

const LAYOUTS = [
  { name: 'one worker, one Redis', workers: 1, isCluster: false },
  { name: 'two workers, one Redis', workers: 2, isCluster: false },
  { name: 'one worker, Redis Cluster', workers: 1, isCluster: true },
  { name: 'two workers, Redis Cluster', workers: 2, isCluster: true },
] as const
type Layout = (typeof LAYOUTS)[number]

interface Country {
  readonly size: number
  readonly databaseUrl: string
  /** Of the clients that are registered there. */
  secrets?: ClientSecrets
}

interface Point {
  readonly layout: Layout['name']
  readonly people: number
  readonly logIn: Measured
  readonly introspection: Measured
}

/**
 * Log-ins, introspections and subject look-ups in countries of 10³ people up to `--scale`, with one worker and with two, on one Redis and on
 * a cluster of three. A country is filled once, and everything is measured in it.
 */
export async function measureScale(bench: Bench): Promise<void> {
  const largest = bench.scale ?? (bench.isQuick ? QUICK_LARGEST : LARGEST)
  const countries: Country[] = []
  for (const size of powersOfTen(1000, largest)) countries.push(await openCountry(bench, size))
  await measureLookUpsIn(bench, countries)
  // in a cluster the country makes no other difference than with one Redis: the smallest and the largest
  const ends = [countries[0] as Country, ...countries.slice(1).slice(-1)]
  const places = LAYOUTS.flatMap((layout) =>
    (layout.isCluster ? ends : countries).map((country) => ({ layout, country })),
  )
  const points: Point[] = []
  for (const [index, { layout, country }] of places.entries()) {
    bench.say(`${index + 1}/${places.length} ${layout.name}, ${country.size.toLocaleString('en')} people …`)
    points.push(await measurePlace(bench, layout, country))
  }
  for (const what of ['logIn', 'introspection'] as const) {
    bench.curve({
      title: what === 'logIn' ? 'Server CPU of a card log-in' : 'Server CPU of an introspection',
      x: { unit: 'people', isLogarithmic: true },
      y: { unit: 'µs of CPU' },
      curves: LAYOUTS.map(({ name }) => ({
        label: name,
        points: points
          .filter(({ layout }) => layout === name)
          .map((point) => ({ x: point.people, y: spreadOfMeasured(point[what], 'cpuMicroseconds').median })),
      })),
    })
  }
}

async function openCountry(bench: Bench, size: number): Promise<Country> {
  const databaseUrl = await bench.arena.newDatabase()
  const database = await openDatabase({ databaseUrl })
  await migrateUp(database.pool)
  await database.close()
  await fillCountry(databaseUrl, size, bench.say)
  return { size, databaseUrl }
}

/** With a Redis that nobody used before: what another server left there belongs to another database. */
async function measurePlace(bench: Bench, layout: Layout, country: Country): Promise<Point> {
  const cluster = layout.isCluster ? await startRedisCluster() : undefined
  const ours = await bench.arena.anotherOurs({
    workers: layout.workers,
    databaseUrl: country.databaseUrl,
    ...(cluster === undefined ? {} : { redisUrl: cluster.url }),
    ...(country.secrets === undefined ? {} : { secrets: country.secrets }),
    ...(bench.arena.cores.server === undefined ? {} : { cores: '0,1' }),
  })
  try {
    country.secrets = { siteSecret: ours.siteSecret, apiSecret: ours.apiSecret }
    return await measureServer(bench, ours, layout.name, country.size)
  } finally {
    await ours.stop()
    await cluster?.close()
  }
}

/** The same few log in among all these strangers. */
async function measureServer(
  bench: Bench,
  ours: OursContestant,
  layout: Layout['name'],
  people: number,
): Promise<Point> {
  const crowd = openCrowd(ours, await bench.arena.cards(), PEOPLE)
  const connections = Array.from({ length: APIS }, () => openConnection(ours.origin))
  try {
    const tokens = await crowd.logIn(TOKENS, { offline: false })
    let turn = 0
    const rounds = async (name: string, connected: number, operation: (worker: number) => Promise<unknown>) => {
      const measured = { name, rounds: [] as LoadFigures[] }
      for (let round = 0; round < Math.min(ROUNDS, bench.rounds); round++) {
        measured.rounds.push(await runLoad({ pid: ours.pid, connections: connected, ms: bench.roundMs, operation }))
      }
      const { median } = spreadOfMeasured(measured, 'cpuMicroseconds')
      bench.say(`  ${name.padEnd(14)} ${median.toFixed(0).padStart(6)} µs CPU`)
      return measured
    }
    const logIn = await rounds('card log-in', PEOPLE, (worker) =>
      ours.logIn(crowd.connection(worker), crowd.card(worker), { offline: true }),
    )
    const introspection = await rounds('introspection', APIS, (worker) =>
      introspect(connections[worker] as Connection, ours.apiSecret, tokens[turn++ % TOKENS]?.access ?? ''),
    )
    const name = `${people.toLocaleString('en')} people, ${layout}`
    bench.record(name, [logIn, introspection])
    bench.fact(`RSS, ${name}`, memoryOf(ours.pid) / 1024 ** 2, 'MB')
    return { layout, people, logIn, introspection }
  } finally {
    await crowd.close()
    await Promise.all(connections.map((connection) => connection.close()))
  }
}

function* powersOfTen(from: number, to: number): Generator<number> {
  for (let size = from; size <= to; size *= 10) yield size
}
