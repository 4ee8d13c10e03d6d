import cluster from 'node:cluster'
import type { Config } from '../../config/config.ts'
import type { Log } from '../../observability/log.ts'
import { createMetrics, type Metrics } from '../../observability/metrics/create-metrics.ts'
import { sayLast } from '../../observability/say-last.ts'
import { closeServer, listen } from '../http-server.ts'
import { openProvider, type OpenProvider } from '../open-provider.ts'
import { untilStopped } from '../until-stopped.ts'
import { serveMetrics } from './serve-metrics.ts'
import { parsePrimaryMessage, type WorkerMessage } from './worker-messages.ts'

/** sysexits.h EX_SOFTWARE. */
const EX_SOFTWARE = 70

/** What has not let go by then never will. */
const CLOSE_DEADLINE_MS = 5_000

/**
 * One provider in this process, the only one or a worker's, until a signal: readiness says no, then no more requests are taken, those
 * under way end, and the process with them.
 *
 * @throws what openProvider throws, and PortTaken
 */
export async function serveHere(config: Config): Promise<void> {
  const asked = new AbortController()
  const stopped = untilStopped().finally(() => {
    asked.abort()
  })
  const metrics = createMetrics({ ofProcess: config.metrics !== undefined })
  const provider = await openProvider(config, { metrics })
  const { server, log } = provider
  endOnFault(log)
  if (asked.signal.aborted) {
    // asked to stop before anybody was served: nothing to drain
    await Promise.race([provider.close(), pause(CLOSE_DEADLINE_MS)])
    log.info('stopped while starting')
    process.exit(0)
  }
  const metricsServer = await openPorts(config, provider, metrics)
  if (cluster.isWorker) answerPrimary(metrics)
  else
    log.info(
      { issuer: config.issuer, host: config.host, port: config.port, workers: 1, admin: config.admin?.origin },
      'ready',
    )

  const signal = await stopped
  const { drainMs, graceMs } = config.stopping
  log.info({ signal, drainMs, graceMs }, 'stopping')
  provider.beginStopping()
  await pause(drainMs)
  await closeServer(server, graceMs, () => {
    log.warn({ graceMs }, 'requests that were still under way were cut off')
  })
  if (provider.admin !== undefined) await closeServer(provider.admin.server, graceMs)
  await metricsServer?.close()
  await Promise.race([provider.close(), pause(CLOSE_DEADLINE_MS)])
  await sayLast(log, 'stopped')
  // a worker's channel, or a connection that does not close, would keep the process
  process.exit(0)
}

async function openPorts(config: Config, provider: OpenProvider, metrics: Metrics) {
  try {
    await listen(provider.server, config.host, config.port)
    if (config.admin !== undefined && provider.admin !== undefined) {
      await listen(provider.admin.server, config.admin.host, config.admin.port)
    }
    // workers are asked by the process that started them
    if (config.metrics === undefined || cluster.isWorker) return undefined
    return await serveMetrics(config.metrics, () => metrics.toText())
  } catch (fault) {
    await provider.close()
    throw fault
  }
}

/** What nobody caught leaves the process in a state that nobody knows. The log says why, with no more than a log may say. */
function endOnFault(log: Log): void {
  process.on('uncaughtException', (fault) => {
    log.fatal({ err: fault }, 'an error that nobody caught: this process ends')
    process.exit(EX_SOFTWARE)
  })
}

function answerPrimary(metrics: Metrics): void {
  const tell = (message: WorkerMessage): void => {
    process.send?.(message)
  }
  process.on('message', (message) => {
    const asked = parsePrimaryMessage(message)
    if (asked === undefined) return
    metrics.toJson().then(
      (values) => {
        tell({ sekisho: 'metrics', id: asked.id, metrics: [...values] })
      },
      () => undefined,
    )
  })
  tell({ sekisho: 'ready' })
}

function pause(ms: number): Promise<void> {
  return ms === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms))
}
