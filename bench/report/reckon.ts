import { round } from '../judge/goal.ts'
import { GOALS } from '../judge/goals.ts'
import type { Results } from './results.ts'

/** A country on a Monday morning. */
export const MORNING = {
  people: 100_000_000,
  logInsPerSecond: 5_000,
  /** So long does the peak last; sessions of it are alive together. */
  hours: 3,
  /** APIs ask about the tokens of a log-in so often while the peak lasts. */
  introspectionsPerLogIn: 10,
  refreshesPerLogIn: 1,
} as const

/** Of a core, and of a Redis, at the peak: the rest is for the neighbour that failed. */
const LOAD = 0.6
/** One-step scripts a second of one Redis (ADR 0005). */
const REDIS_SCRIPTS = 27_000
/** Certificates of a card are renewed at the fifth birthday after they were issued. */
const CARD_YEARS = 5
const SECONDS_OF_A_YEAR = 365 * 86_400
/** Rows, indexes and log of PostgreSQL that one sign-in's record takes, octets. */
const AUDIT_OCTETS = 700

export interface Reckoning {
  readonly cores: number
  readonly redisShards: number
  readonly redisGigabytes: number
  readonly postgresTransactions: number
  readonly auditGigabytesADay: number
  readonly nationalQuestions: number
  readonly linkageQuestions: number
}

/** What a log-in, an introspection and a refresh cost. */
export interface Costs {
  readonly logInMicroseconds: number
  readonly introspectionMicroseconds: number
  readonly refreshMicroseconds: number
  readonly logInCommands: number
  readonly introspectionCommands: number
  readonly refreshCommands: number
  readonly kilobytesPerSession: number
}

export function reckon(costs: Costs): Reckoning {
  const { logInsPerSecond, hours, people, introspectionsPerLogIn, refreshesPerLogIn } = MORNING
  const perLogIn = (logIn: number, introspection: number, refresh: number): number =>
    logIn + introspectionsPerLogIn * introspection + refreshesPerLogIn * refresh
  const micros = perLogIn(costs.logInMicroseconds, costs.introspectionMicroseconds, costs.refreshMicroseconds)
  const commands = perLogIn(costs.logInCommands, costs.introspectionCommands, costs.refreshCommands)
  const sessions = logInsPerSecond * hours * 3600
  return {
    cores: Math.ceil((logInsPerSecond * micros) / 1e6 / LOAD),
    redisShards: Math.ceil((logInsPerSecond * commands) / REDIS_SCRIPTS / LOAD),
    redisGigabytes: (sessions * costs.kilobytesPerSession) / 1e6,
    postgresTransactions: logInsPerSecond,
    auditGigabytesADay: (sessions * AUDIT_OCTETS) / 1e9,
    nationalQuestions: logInsPerSecond,
    linkageQuestions: people / CARD_YEARS / SECONDS_OF_A_YEAR,
  }
}

/** From the figures of a run, as far as it has them. */
export function costsOf({ measurements, facts, goals }: Results): Costs | undefined {
  const cpu = (measurement: string): number | undefined =>
    measurements.find(({ name }) => name.startsWith(measurement))?.contestants.find(({ name }) => name === 'ours')
      ?.cpuMicroseconds.median
  const fact = (name: string): number | undefined => facts.find((one) => one.name === name)?.value
  const costs = {
    logInMicroseconds: cpu('log-in'),
    introspectionMicroseconds: cpu('introspection, 64'),
    refreshMicroseconds: cpu('refresh'),
    logInCommands: fact('ours logIn: Redis commands'),
    introspectionCommands: fact('ours introspection: Redis commands'),
    refreshCommands: fact('ours refresh: Redis commands'),
    kilobytesPerSession: goals.find(({ name }) => name === GOALS.redisPerSession.name)?.value ?? undefined,
  }
  return Object.values(costs).includes(undefined) ? undefined : (costs as Costs)
}

/** The table of PERFORMANCE.md, “A country on a Monday morning”. */
export function toReckoningTable(costs: Costs): string {
  const { cores, redisShards, redisGigabytes, postgresTransactions, auditGigabytesADay, ...questions } = reckon(costs)
  const rows: readonly (readonly [string, string, string])[] = [
    [
      'server cores',
      String(cores),
      `${round(costs.logInMicroseconds)} µs a log-in, ${round(costs.introspectionMicroseconds)} µs an introspection, ${round(costs.refreshMicroseconds)} µs a refresh, at ${LOAD * 100} % load; a process is a core`,
    ],
    [
      'Redis masters',
      String(redisShards),
      `${round(costs.logInCommands)}, ${round(costs.introspectionCommands)} and ${round(costs.refreshCommands)} scripts each, ${round(REDIS_SCRIPTS)} a second and master (ADR 0005)`,
    ],
    [
      'Redis memory',
      `${round(redisGigabytes)} GB`,
      `${round(costs.kilobytesPerSession)} kB for each of the sessions of ${MORNING.hours} hours; once more for each replica`,
    ],
    [
      'PostgreSQL commits',
      `${round(postgresTransactions)} a second`,
      'one a log-in: the record of the audit log, the card’s last use',
    ],
    [
      'audit log',
      `${round(auditGigabytesADay)} GB a morning`,
      `${AUDIT_OCTETS} octets a record with its index and log`,
    ],
    [
      'OCSP questions',
      `${round(questions.nationalQuestions)} a second`,
      'one a log-in by `REVOCATION_SOURCES=ocsp`; with `crl` none, and one list each five minutes',
    ],
    [
      'linkage questions',
      `${round(questions.linkageQuestions)} a second`,
      `each card is renewed every ${CARD_YEARS} years, and asked about once`,
    ],
  ]
  return ['| at the peak | needed | because |', '|---|---|---|', ...rows.map((row) => `| ${row.join(' | ')} |`)].join(
    '\n',
  )
}
