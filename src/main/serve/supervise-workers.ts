import cluster, { type Worker } from 'node:cluster'
import { setTimeout as pause } from 'node:timers/promises'
import type { Config } from '../../config/config.ts'
import { createLog, type Log } from '../../observability/log.ts'
import { combineMetrics } from '../../observability/metrics/combine-metrics.ts'
import { createMetrics, type Metrics } from '../../observability/metrics/create-metrics.ts'
import { sayLast } from '../../observability/say-last.ts'
import { untilStopped } from '../until-stopped.ts'
import { createRestartPlanner } from './plan-restarts.ts'
import { serveMetrics } from './serve-metrics.ts'
import { parseWorkerMessage, type PrimaryMessage } from './worker-messages.ts'

/** sysexits.h EX_SOFTWARE. */
const EX_SOFTWARE = 70
/** A worker that does not answer by then is left out of this scrape. */
const METRICS_DEADLINE_MS = 2_000
/** Beyond what the workers give themselves. */
const LAST_CALL_MS = 8_000

/**
 * Starts the workers and looks after them, until a signal or until none can be kept alive. This process holds no database, answers no
 * request and keeps no secret in use: there is little in it that could fail.
 *
 * The first worker starts alone. So migrations and first keys are made once, and what is wrong with the configuration is said once.
 *
 * @returns the exit code
 */
export async function superviseWorkers(config: Config): Promise<number> {
  const log = createLog({ level: config.logLevel })
  const planner = createRestartPlanner(() => performance.now())
  const combined = combineMetrics()
  const metrics = createMetrics({ ofProcess: false })
  const exits = { count: 0 }
  registerWorkerGauges(metrics, { planner, exits, wanted: config.workers })
  const ended = Promise.withResolvers<number>()
  let isStopping = false
  let everReady = false

  const start = (): void => {
    if (!isStopping) cluster.fork()
  }
  cluster.on('message', (worker, message) => {
    const told = parseWorkerMessage(message)
    if (told?.sekisho === 'metrics') combined.keep(worker.id, told.metrics)
    if (told?.sekisho !== 'ready') return
    planner.ready(worker.id)
    log.info({ worker: worker.process.pid }, 'a worker is ready')
    if (everReady) return
    everReady = true
    for (let others = 1; others < config.workers; others++) start()
    log.info({ issuer: config.issuer, host: config.host, port: config.port, workers: config.workers }, 'ready')
  })
  cluster.on('exit', (worker, code, signal) => {
    combined.forget(worker.id)
    if (isStopping) {
      if (liveWorkers().length === 0) ended.resolve(0)
      return
    }
    // it has said why on standard error; a second attempt would say the same
    if (!everReady) {
      ended.resolve(code === 0 ? EX_SOFTWARE : code || EX_SOFTWARE)
      return
    }
    exits.count += 1
    const plan = planner.ended(worker.id)
    const what = { worker: worker.process.pid, exitCode: code, signal }
    if (plan === 'give up') {
      log.fatal(what, 'workers end as soon as they are started: this process ends too')
      ended.resolve(EX_SOFTWARE)
      return
    }
    log.error({ ...what, restartInMs: plan.afterMs }, 'a worker ended by itself')
    setTimeout(start, plan.afterMs)
  })

  const metricsServer =
    config.metrics &&
    (await serveMetrics(config.metrics, async () => {
      await askWorkers(log)
      return combined.toText(await metrics.toJson())
    }))
  start()

  const code = await Promise.race([ended.promise, untilStopped().then(() => undefined)])
  isStopping = true
  // also when it is given up: a worker that is just starting may hold a migration's lock, or a connection that would be left behind
  await stopWorkers(config, code === undefined ? ended.promise : allEnded(), log)
  killWorkers()
  await metricsServer?.close()
  await sayLast(log, 'all stopped')
  return code ?? 0
}

function liveWorkers(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined && !worker.isDead()) as Worker[]
}

/** Each drains by itself; together they take no longer than one. */
async function stopWorkers(config: Config, ended: Promise<unknown>, log: Log): Promise<void> {
  const { drainMs, graceMs } = config.stopping
  const live = liveWorkers()
  log.info({ workers: live.length, drainMs, graceMs }, 'stopping')
  if (live.length === 0) return
  for (const worker of live) worker.process.kill('SIGTERM')
  await Promise.race([ended, pause(drainMs + graceMs + LAST_CALL_MS, undefined, { ref: false })])
}

function allEnded(): Promise<void> {
  return new Promise((resolve) => {
    cluster.on('exit', () => {
      if (liveWorkers().length === 0) resolve()
    })
  })
}

function killWorkers(): void {
  for (const worker of liveWorkers()) worker.process.kill('SIGKILL')
}

let questions = 0

/** Asks each for its metrics, and waits for those that answer soon. */
async function askWorkers(log: Log): Promise<void> {
  const id = ++questions
  const asked = liveWorkers().filter((worker) => worker.isConnected())
  const answers = asked.map(
    (worker) =>
      new Promise<void>((resolve) => {
        const hear = (message: unknown): void => {
          const told = parseWorkerMessage(message)
          if (told?.sekisho === 'metrics' && told.id === id) done()
        }
        const done = (): void => {
          worker.off('message', hear)
          clearTimeout(timer)
          resolve()
        }
        const timer = setTimeout(() => {
          log.warn({ worker: worker.process.pid }, 'a worker did not say its metrics in time')
          done()
        }, METRICS_DEADLINE_MS)
        worker.on('message', hear)
        worker.send({ sekisho: 'metrics?', id } satisfies PrimaryMessage, (fault) => {
          if (fault !== null) done()
        })
      }),
  )
  await Promise.all(answers)
}

function registerWorkerGauges(
  metrics: Metrics,
  {
    planner,
    exits,
    wanted,
  }: {
    readonly planner: ReturnType<typeof createRestartPlanner>
    readonly exits: { readonly count: number }
    readonly wanted: number
  },
): void {
  metrics.gauge({
    name: 'sekisho_workers',
    help: 'Worker processes: as many as are wanted, and as serve.',
    labels: ['state'],
    aggregator: 'first',
    read: () => [
      { labels: { state: 'wanted' }, value: wanted },
      { labels: { state: 'serving' }, value: planner.serving() },
    ],
  })
  metrics.gauge({
    name: 'sekisho_worker_exits',
    help: 'Workers that ended by themselves since the start.',
    labels: [],
    aggregator: 'first',
    read: () => [{ labels: {}, value: exits.count }],
  })
}
