import cluster from 'node:cluster'
import { Command } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import { Refusal } from '../error-registry/refusal.ts'
import { TrustAnchorsRefused } from '../certificate/anchor/anchor-fault.ts'
import { DataDirectoryInUse } from '../storage/lock-data-directory.ts'
import { PortTaken } from './http-server.ts'
import { readConfig } from './read-config.ts'
import { refuseUnreachable } from './serve/refuse-unreachable.ts'
import { superviseWorkers } from './serve/supervise-workers.ts'

/** sysexits.h EX_UNAVAILABLE. */
const EX_UNAVAILABLE = 69
/** sysexits.h EX_CONFIG. */
const EX_CONFIG = 78

/** `sekisho serve`: the provider, configured from the environment, until it is told to stop. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('run the provider; configuration comes from the environment (docs/config.md)')
    .addHelpText(
      'after',
      '\nSIGTERM and SIGINT: readiness answers 503 for DRAIN_SECONDS, then requests under way have STOP_SECONDS to end.' +
        '\nA second signal ends at once. Exit status 69: cannot start as things are; 70: workers cannot be kept alive.',
    )
    .action(async () => {
      const config = readConfig(process.env)
      refuseUnreachable(config)
      if (config.workers > 1 && cluster.isPrimary) process.exit(await superviseWorkers(config).catch(refuseToStart))
      // whoever only supervises needs none of the provider's parts
      const { serveHere } = await import('./serve/serve-here.ts')
      await serveHere(config).catch(refuseToStart)
    })
}

/** What an operator can mend is one line, not a stack. */
function refuseToStart(fault: unknown): never {
  if (fault instanceof PortTaken) {
    console.error(`Port ${fault.port} is taken by another program. Set PORT or METRICS_PORT to a free one.`)
    process.exit(EX_UNAVAILABLE)
  }
  if (fault instanceof ConfigError) {
    console.error(fault.message)
    process.exit(EX_CONFIG)
  }
  const isForOperator =
    fault instanceof DataDirectoryInUse || fault instanceof TrustAnchorsRefused || fault instanceof Refusal
  if (!isForOperator) throw fault
  console.error(fault.message)
  process.exit(EX_UNAVAILABLE)
}
