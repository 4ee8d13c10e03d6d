/**
 * Finding the account of a card: the one query of an ordinary log-in among a thousand and among millions of cards, and what a renewed card
 * costs at each depth of its chain. Real PostgreSQL, private to this run; rows come by COPY. `--scale 10000000` for ten million.
 */
import type { Bench } from '../bench.ts'
import { medianOf, percentileOf } from '../judge/statistics.ts'
import { createStatementReader } from '../wire/count-statements.ts'
import { tapConnection } from '../wire/tap-connection.ts'
import { cardOf, fillCountry, LOOKED_UP, placeOf } from './fill-country.ts'
import type { Database } from '../../src/storage/database.ts'
import { migrateUp } from '../../src/storage/migrate.ts'
import { openDatabase } from '../../src/storage/open-database.ts'
import { MAX_CHAIN_DEPTH } from '../../src/subject/chain/trace-chain.ts'
import { createPostgresDatabase } from '../../test/support/postgres.ts'
import { createScriptedLinkage } from '../../test/support/scripted-linkage.ts'
import { accepted, createSubjectWorld } from '../../test/support/subject-world.ts'

const SMALL = 1000
const DEFAULT_SCALE = 1_000_000
const QUICK_SCALE = 20_000
const WARM_UP = 500

export async function measureSubject(bench: Bench): Promise<void> {
  const scale = bench.scale ?? (bench.isQuick ? QUICK_SCALE : DEFAULT_SCALE)
  bench.fact('subject look-up: the large country', scale, 'credentials')
  await inCountries(bench, [SMALL, scale], async (countries) => {
    const [small, large] = await measureLookUps(bench, countries)
    if (small === undefined || large === undefined) throw new Error('two countries')
    bench.reach('lookUp', large.median / small.median)
    await measureChains(bench, countries[0] as Country)
  })
}

/** The same in countries that are there already, and as a curve. */
export async function measureLookUpsIn(
  bench: Bench,
  places: readonly { readonly databaseUrl: string; readonly size: number }[],
): Promise<void> {
  const countries: Country[] = []
  try {
    for (const place of places) countries.push({ ...place, database: await openDatabase(place) })
    const found = await measureLookUps(bench, countries)
    const points = found.map(({ size, median }) => ({ x: size, y: median }))
    bench.curve({
      title: 'Finding the account of a card',
      x: { unit: 'people', isLogarithmic: true },
      y: { unit: 'ms, p50, one at a time' },
      curves: [{ label: 'one query', points }],
    })
    const [smallest, largest] = [found[0], found.at(-1)]
    if (smallest !== undefined && largest !== undefined) bench.reach('lookUp', largest.median / smallest.median)
  } finally {
    for (const { database } of countries) await database.close()
  }
}

async function inCountries(
  bench: Bench,
  sizes: readonly number[],
  work: (countries: readonly Country[]) => Promise<void>,
): Promise<void> {
  const closers: (() => Promise<void>)[] = []
  try {
    const countries: Country[] = []
    for (const size of sizes) {
      const postgres = await createPostgresDatabase(process.pid)
      closers.push(() => postgres.drop())
      const database = await openDatabase({ databaseUrl: postgres.databaseUrl })
      closers.push(() => database.close())
      await migrateUp(database.pool)
      await fillCountry(postgres.databaseUrl, size, bench.say)
      countries.push({ database, databaseUrl: postgres.databaseUrl, size })
    }
    await work(countries)
  } finally {
    for (const close of closers.reverse()) await close()
  }
}

interface Country {
  readonly database: Database
  readonly databaseUrl: string
  readonly size: number
}

/** The countries take turns, so that whatever else this machine does falls on both. */
async function measureLookUps(
  bench: Bench,
  countries: readonly Country[],
): Promise<readonly { readonly size: number; readonly median: number }[]> {
  const measured = countries.map(({ database, size }) => ({
    size,
    timesMs: [] as number[],
    world: createSubjectWorld(database),
  }))
  for (let n = 0; n < LOOKED_UP; n++) {
    for (const { size, timesMs, world } of measured) {
      const identity = cardOf(placeOf(n, size))
      const beganAt = performance.now()
      const { outcome } = await world.resolve(identity)
      const tookMs = performance.now() - beganAt
      if (outcome !== 'known') throw new Error(`a card that was copied in is ${outcome}`)
      if (n >= WARM_UP) timesMs.push(tookMs)
    }
  }
  return measured.map(({ size, timesMs }) => {
    const median = medianOf(timesMs)
    bench.say(
      `${size.toLocaleString('en')} cards: look-up p50 ${median.toFixed(3)} ms, p95 ${percentileOf(timesMs, 0.95).toFixed(3)} ms ` +
        `(${timesMs.length} look-ups)`,
    )
    bench.fact(`subject look-up among ${size.toLocaleString('en')}: p50`, median, 'ms')
    return { size, median }
  })
}

/** National questions and transactions of a renewed card at each depth, the first time and the second. */
async function measureChains(bench: Bench, { databaseUrl }: Country): Promise<void> {
  const address = new URL(databaseUrl)
  const wire = await tapConnection(Number(address.port), createStatementReader)
  address.port = String(wire.port)
  const database = await openDatabase({ databaseUrl: address.href })
  const worst = { questions: 0, transactions: 0, again: 0 }
  try {
    for (let depth = 1; depth <= MAX_CHAIN_DEPTH; depth++) {
      const nation = createScriptedLinkage()
      const chain = Array.from({ length: depth + 1 }, (_, n) => cardOf(4_000_000_000 + depth * 100 + n))
      for (const [n, newer] of chain.entries()) {
        const older = chain[n - 1]
        if (older !== undefined) nation.replaces(newer, older)
      }
      const world = createSubjectWorld(database, { linkage: nation.previous })
      const [first, newest] = [chain[0], chain[depth]]
      if (first === undefined || newest === undefined) throw new Error('a chain has two ends')
      const { accountId } = await accepted(world.resolve(first))
      const before = nation.asked
      let reachedId = ''
      const walk = await wire.meter.during(async () => {
        reachedId = (await accepted(world.resolve(newest))).accountId
      })
      const questions = nation.asked - before
      const afterwards = await wire.meter.during(() => accepted(world.resolve(newest)))
      const transactions = walk.commands.filter((statement) => /^(BEGIN|START)/i.test(statement)).length
      const again = afterwards.commands.length + (nation.asked - before - questions)
      if (reachedId !== accountId) throw new Error(`depth ${depth} led to somebody else`)
      bench.say(
        `depth ${String(depth).padStart(2)}: ${questions} questions, ${transactions} transactions, then ${again} queries`,
      )
      worst.questions = Math.max(worst.questions, questions - depth)
      worst.transactions = Math.max(worst.transactions, transactions)
      worst.again = Math.max(worst.again, again)
    }
  } finally {
    await database.close()
    await wire.close()
  }
  bench.reach('chainQuestions', worst.questions)
  bench.reach('chainTransactions', worst.transactions)
  bench.reach('chainAgain', worst.again)
}
