import { setTimeout as pause } from 'node:timers/promises'
import { claimTicket, answerTicket } from '../test/support/hand-ceremony.ts'
import { pollUntil } from '../test/support/poll-until.ts'
import { runSekisho } from '../test/support/run-sekisho.ts'
import { checkDatabase, checkHistory, type Violation } from './check-history.ts'
import type { Fault } from './fault-table.ts'
import type { FaultWorld } from './fault-world.ts'
import type { History } from './history.ts'
import { putOperatorToWork } from './operator-at-work.ts'
import { putToWork, type Spent } from './person-at-work.ts'

export interface FaultRun {
  readonly world: FaultWorld
  readonly faults: readonly Fault[]
  readonly history: History
  readonly personas: readonly string[]
  /** How long each fault lasts, and at least as long all is well before the next. */
  readonly faultMs: number
  readonly onProgress: (line: string) => void
}

/** So long may it take until everything is ready again, with nobody's help but for what the fault itself broke. */
const RECOVERY_MS = 60_000
/** The grace of a refresh token whose answer was lost (src/oidc/refresh-succession.ts). */
const REFRESH_GRACE_MS = 11_000

/** Does one thing after the other to a system under load. @returns what went wrong; nothing, one hopes */
export async function runFaults(run: FaultRun): Promise<readonly Violation[]> {
  const { world, history, faults, onProgress } = run
  const spent: Spent = { codes: new Set(), revoked: new Set(), refreshed: new Set(), tickets: new Map() }
  const violations: Violation[] = []
  const workers = [
    ...run.personas.map((persona) => putToWork(world, persona, history, spent)),
    await putOperatorToWork(world, history),
  ]
  const goOn = async (): Promise<void> => {
    const before = workers.map((worker) => worker.rounds())
    await pollUntil(() => workers.every((worker, at) => worker.rounds() > (before[at] ?? 0) + 1), {
      deadlineMs: RECOVERY_MS,
      complaint: 'people stand still though nothing is broken',
    })
  }
  await goOn()
  for (const fault of faults) {
    violations.push(...(await doOne(run, fault)))
    await goOn()
  }
  await Promise.all(workers.map((worker) => worker.stop()))
  onProgress('everything that was used up is tried again')
  await pause(REFRESH_GRACE_MS)
  violations.push(...(await tryAgain(world, spent)))
  violations.push(...checkHistory(history.entries), ...(await checkDatabase(world.postgres.url, history.entries)))
  const audit = await runSekisho(world.environment, ['audit', 'verify'])
  if (audit.status !== 0) violations.push(`the audit log does not hold: ${audit.stdout}${audit.stderr}`)
  return violations
}

async function doOne({ world, history, faultMs, onProgress }: FaultRun, fault: Fault): Promise<readonly Violation[]> {
  const { name, outage } = fault
  const violations: Violation[] = []
  const pids = Array.from({ length: world.instances }, (_, which) => world.instance(which).pid)
  await fault.begin(world)
  const from = history.now()
  const red = new Set<number>()
  const until = performance.now() + faultMs
  while (performance.now() < until || fault.turnsRed.some((which) => !red.has(which))) {
    for (const which of fault.turnsRed) {
      const began = history.now()
      const told = await readinessOf(world, which)
      history.tell(began, { op: 'readiness', instance: which, told })
      if (told === 'unready') red.add(which)
    }
    if (performance.now() > until + RECOVERY_MS) {
      violations.push(`“${name}”: readiness of an instance did not turn red`)
      break
    }
    await pause(100)
  }
  const to = history.now()
  await fault.end(world)
  const began = performance.now()
  await pollUntil(
    async () => {
      const told = await Promise.all(pids.map((_, which) => readinessOf(world, which)))
      return told.every((one) => one === 'ready')
    },
    { deadlineMs: RECOVERY_MS, intervalMs: 50, complaint: `“${name}”: not ready again after ${RECOVERY_MS / 1000} s` },
  )
  const recoveredAfterMs = Math.round(performance.now() - began)
  history.tell(from, { op: 'fault', name, outage, recoveredAfterMs })
  // the entry is written when all is well again; the outage ended before
  const entry = history.entries.at(-1)
  if (entry !== undefined) Object.assign(entry, { to })
  for (const [which, pid] of pids.entries()) {
    if (name !== 'server killed' && world.instance(which).pid !== pid)
      violations.push(`“${name}”: instance ${which} was restarted`)
  }
  onProgress(`${name}: ready again after ${recoveredAfterMs} ms`)
  return violations
}

async function readinessOf(world: FaultWorld, which: number): Promise<'ready' | 'unready' | 'unknown'> {
  try {
    const { status } = await fetch(`${world.instance(which).url}/health/ready`, { signal: AbortSignal.timeout(5000) })
    return status === 200 ? 'ready' : status === 503 ? 'unready' : 'unknown'
  } catch {
    return 'unknown'
  }
}

/** Nothing that was used up or taken back is good for anything when all is over. */
async function tryAgain({ clients, operated }: FaultWorld, spent: Spent): Promise<readonly Violation[]> {
  const violations: Violation[] = []
  for (const token of spent.revoked) {
    const { status, body } = await clients.introspect(token)
    if (status !== 200 || body['active'] !== false)
      violations.push(`a revoked token: ${status} ${String(body['active'])}`)
  }
  for (const code of spent.codes) {
    const { status } = await clients.redeem(code)
    if (status !== 400) violations.push(`a code that was redeemed: ${status}`)
  }
  for (const token of spent.refreshed) {
    const { status } = await clients.refresh(token)
    if (status !== 400) violations.push(`a refresh token that was used: ${status}`)
  }
  const address = operated.balancer.url
  for (const { ticket, answer } of spent.tickets.values()) {
    const { status } = await answerTicket(address, ticket, answer)
    const claimed = await claimTicket(address, ticket)
    if (status < 400 || claimed.status < 400) violations.push(`a ticket that was used: ${status}, ${claimed.status}`)
  }
  return violations
}
