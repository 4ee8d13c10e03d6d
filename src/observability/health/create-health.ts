import type { HealthCheck, HealthReport, HealthState, HealthSummary } from './health-check.ts'

/** Balancers give up after a few seconds; they must be told before. */
const DEADLINE_MS = 2_000

const WORST_FIRST: readonly HealthState[] = ['unready', 'degraded', 'ok']

export interface Health {
  /** Asks every check at once. Whoever asks while an answer is under way gets that one. */
  read(): Promise<HealthSummary>
}

export function createHealth({
  checks,
  now,
}: {
  readonly checks: readonly HealthCheck[]
  readonly now: () => Date
}): Health {
  let underWay: Promise<HealthSummary> | undefined

  const readAll = async (): Promise<HealthSummary> => {
    const reports = await Promise.all(checks.map(readInTime))
    const found = checks.map(({ name }, i) => {
      const { state, asOf, detail } = reports[i] as HealthReport
      const ageSeconds = asOf === undefined ? 0 : Math.max(0, Math.round((now().getTime() - asOf.getTime()) / 1000))
      return { name, state, ageSeconds, ...(detail && { detail }) }
    })
    const state = WORST_FIRST.find((worst) => found.some((one) => one.state === worst)) ?? 'ok'
    return { state, checks: found }
  }

  return {
    read: () =>
      (underWay ??= readAll().finally(() => {
        underWay = undefined
      })),
  }
}

async function readInTime({ read, silenceIs }: HealthCheck): Promise<HealthReport> {
  const { promise: late, resolve } = Promise.withResolvers<HealthReport>()
  const timer = setTimeout(resolve, DEADLINE_MS, { state: silenceIs })
  try {
    return await Promise.race([Promise.resolve().then(read), late])
  } catch {
    return { state: silenceIs }
  } finally {
    clearTimeout(timer)
  }
}
