import { startRedisCluster } from '../../test/support/redis-cluster.ts'
import type { Bench } from '../bench.ts'
import type { OursContestant } from '../contestants/contestant.ts'
import { introspect } from '../load/ask-token-endpoints.ts'
import { openConnection, type Connection } from '../load/http-connection.ts'
import { openCrowd } from '../load/open-crowd.ts'
import { runLoad } from '../load/run-load.ts'
import { fillCountry } from './fill-country.ts'
import { measureLookUpsIn } from './subject.ts'
import { spreadOfMeasured, type Measured } from './take-turns.ts'

const LARGEST = 1_000_000
const QUICK_LARGEST = 10_000
const PEOPLE = 16
const APIS = 64
const TOKENS = 64

interface Point {
  readonly people: number
  readonly logIn: Measured
  readonly introspection: Measured
}

/**
 * Log-ins, introspections and subject look-ups in countries of 10³ people up to `--scale`, with one worker and with two, on one Redis and on
 * a cluster of three.
 */
export async function measureScale(bench: Bench): Promise<void> {
  const largest = bench.scale ?? (bench.isQuick ? QUICK_LARGEST : LARGEST)
  const sizes = [...powersOfTen(1000, largest)]
  await measureLookUpsIn(bench, sizes)
  const cluster = await startRedisCluster()
  try {
    const layouts = [
      { name: 'one worker, one Redis', workers: 1 },
      { name: 'two workers, one Redis', workers: 2 },
      { name: 'one worker, Redis Cluster', workers: 1, redisUrl: cluster.url },
      { name: 'two workers, Redis Cluster', workers: 2, redisUrl: cluster.url },
    ]
    const curves = []
    for (const { name, ...layout } of layouts) {
      // in a cluster the country makes no other difference than with one Redis: the smallest and the largest
      const countries = layout.redisUrl === undefined ? sizes : [sizes[0] ?? 1000, largest]
      const cores = bench.arena.cores.server === undefined ? {} : { cores: '0,1' }
      const ours = await bench.arena.anotherOurs({ ...layout, ...cores })
      try {
        const points: Point[] = []
        for (const people of countries) points.push(await measureCountry(bench, ours, people, name))
        curves.push({ label: name, points })
      } finally {
        await ours.stop()
      }
    }
    for (const what of ['logIn', 'introspection'] as const) {
      bench.curve({
        title: what === 'logIn' ? 'Server CPU of a card log-in' : 'Server CPU of an introspection',
        x: { unit: 'people', isLogarithmic: true },
        y: { unit: 'µs of CPU' },
        curves: curves.map(({ label, points }) => ({
          label,
          points: points.map((point) => ({
            x: point.people,
            y: spreadOfMeasured(point[what], 'cpuMicroseconds').median,
          })),
        })),
      })
    }
  } finally {
    await cluster.close()
  }
}

/** Fills the database of a server with strangers and lets the same few log in among them. */
async function measureCountry(bench: Bench, ours: OursContestant, people: number, layout: string): Promise<Point> {
  bench.say(`${layout}: ${people.toLocaleString('en')} people …`)
  await fillCountry(ours.environment['DATABASE_URL'] ?? '', people, bench.say)
  const crowd = openCrowd(ours, await bench.arena.cards(), PEOPLE)
  const connections = Array.from({ length: APIS }, () => openConnection(ours.origin))
  try {
    const tokens = await crowd.logIn(TOKENS, { offline: false })
    let turn = 0
    const rounds = async (connected: number, operation: (worker: number) => Promise<unknown>) => {
      const all = []
      for (let round = 0; round < bench.rounds; round++) {
        all.push(await runLoad({ pid: ours.pid, connections: connected, ms: bench.roundMs, operation }))
      }
      return all
    }
    const logIn = await rounds(PEOPLE, (worker) =>
      ours.logIn(crowd.connection(worker), crowd.card(worker), { offline: true }),
    )
    const introspection = await rounds(APIS, (worker) =>
      introspect(connections[worker] as Connection, ours.apiSecret, tokens[turn++ % TOKENS]?.access ?? ''),
    )
    const name = `${people.toLocaleString('en')} people, ${layout}`
    const point = {
      people,
      logIn: { name: 'card log-in', rounds: logIn },
      introspection: { name: 'introspection', rounds: introspection },
    }
    bench.record(name, [point.logIn, point.introspection])
    return point
  } finally {
    await crowd.close()
    await Promise.all(connections.map((connection) => connection.close()))
  }
}

function* powersOfTen(from: number, to: number): Generator<number> {
  for (let size = from; size <= to; size *= 10) yield size
}
