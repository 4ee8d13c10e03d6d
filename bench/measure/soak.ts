import { Redis } from 'ioredis'
import type { Bench } from '../bench.ts'
import { fitLine } from '../judge/statistics.ts'
import { openCrowd } from '../load/open-crowd.ts'
import { memoryOf } from '../process/cpu-of-tree.ts'

const DEFAULT_MINUTES = 20
const QUICK_MINUTES = 2
const PEOPLE = 16
const SAMPLE_MS = 5_000
/** The first part is not judged: caches fill, the heap takes its size. */
const SETTLING_SHARE = 0.25
const LOG_INS_OF_THE_GOAL = 100_000
const MEGABYTE = 1024 ** 2

interface Sample {
  readonly seconds: number
  readonly logIns: number
  readonly rssMb: number
  readonly redisKeys: number
  readonly redisMb: number
}

/** Log-ins without a pause. Sessions end by themselves much later, so Redis grows by what each leaves; the server must not. */
export async function measureSoak(bench: Bench): Promise<void> {
  const minutes = bench.minutes ?? (bench.isQuick ? QUICK_MINUTES : DEFAULT_MINUTES)
  const ours = await bench.arena.ours()
  const crowd = openCrowd(ours, await bench.arena.cards(), PEOPLE)
  const redis = new Redis((await bench.arena.redisPorts()).ours, '127.0.0.1')
  const samples: Sample[] = []
  let logIns = 0
  const beganAt = performance.now()
  const endsAt = beganAt + minutes * 60_000
  const sample = async (): Promise<void> => {
    const info = await redis.info('memory')
    const taken: Sample = {
      seconds: (performance.now() - beganAt) / 1000,
      logIns,
      rssMb: memoryOf(ours.pid) / MEGABYTE,
      redisKeys: await redis.dbsize(),
      redisMb: Number(/used_memory:(\d+)/.exec(info)?.[1]) / MEGABYTE,
    }
    samples.push(taken)
    if (samples.length % 12 === 1) {
      bench.say(
        `  ${taken.seconds.toFixed(0).padStart(5)} s  ${logIns} log-ins  RSS ${taken.rssMb.toFixed(0)} MB  ` +
          `Redis ${taken.redisKeys} keys, ${taken.redisMb.toFixed(0)} MB`,
      )
    }
  }
  const timer = setInterval(() => {
    void sample()
  }, SAMPLE_MS)
  try {
    await Promise.all(
      Array.from({ length: PEOPLE }, async (_, worker) => {
        while (performance.now() < endsAt) {
          await ours.logIn(crowd.connection(worker), crowd.card(worker), { offline: true })
          logIns += 1
        }
      }),
    )
    clearInterval(timer)
    await sample()
  } finally {
    clearInterval(timer)
    redis.disconnect()
    await crowd.close()
  }
  judgeFlatness(bench, samples)
}

function judgeFlatness(bench: Bench, samples: readonly Sample[]): void {
  const judged = samples.slice(Math.floor(samples.length * SETTLING_SHARE))
  const growth = fitLine(judged.map(({ logIns, rssMb }) => ({ x: logIns, y: rssMb })))
  const keys = fitLine(judged.map(({ logIns, redisKeys }) => ({ x: logIns, y: redisKeys })))
  const memory = fitLine(judged.map(({ logIns, redisMb }) => ({ x: logIns, y: redisMb })))
  const last = samples.at(-1)
  bench.fact('soak: log-ins', last?.logIns ?? 0, '')
  bench.fact('soak: RSS at the end', last?.rssMb ?? Number.NaN, 'MB')
  bench.fact('soak: keys in Redis that a log-in leaves', keys.slope, 'keys')
  bench.fact('soak: memory in Redis that a log-in leaves', (memory.slope * MEGABYTE) / 1000, 'kB')
  bench.fact(
    'soak: growth is off by at most (twice the standard error)',
    2 * growth.standardError * LOG_INS_OF_THE_GOAL,
    'MB',
  )
  bench.reach('rssGrowth', growth.slope * LOG_INS_OF_THE_GOAL)
  const rss = samples.map(({ seconds, rssMb }) => ({ x: seconds / 60, y: rssMb }))
  bench.curve({
    title: 'Memory of the server while people log in without a pause',
    x: { unit: 'minutes', isLogarithmic: false },
    y: { unit: 'MB of RSS' },
    curves: [{ label: 'sekisho serve', points: rss }],
  })
}
