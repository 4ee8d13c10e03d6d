import { Command } from 'commander'
import { Refusal } from '../error-registry/refusal.ts'
import { TrustAnchorsRefused } from '../certificate/anchor/anchor-fault.ts'
import { DataDirectoryInUse } from '../storage/lock-data-directory.ts'
import { closeServer, listen, PortTaken } from './http-server.ts'
import { openProvider } from './open-provider.ts'
import { readConfig } from './read-config.ts'
import { untilStopped } from './until-stopped.ts'

/** sysexits.h EX_UNAVAILABLE. */
const EX_UNAVAILABLE = 69

/** `sekisho serve`: the provider, configured from the environment, until it is told to stop. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('run the provider; configuration comes from the environment (docs/config.md)')
    .action(async () => {
      const config = readConfig(process.env)
      const provider = await openProvider(config).catch(refuseToStart)
      try {
        await listen(provider.server, config.host, config.port)
      } catch (fault) {
        await provider.close()
        if (!(fault instanceof PortTaken)) throw fault
        console.error(`Port ${fault.port} is taken by another program. Set PORT to a free one.`)
        process.exit(EX_UNAVAILABLE)
      }
      provider.log.info({ issuer: config.issuer, host: config.host, port: config.port }, 'ready')
      const signal = await untilStopped()
      provider.log.info({ signal }, 'stopping')
      await closeServer(provider.server)
      await provider.close()
    })
}

/** What an operator can mend is one line, not a stack. */
function refuseToStart(fault: unknown): never {
  const isForOperator =
    fault instanceof DataDirectoryInUse || fault instanceof TrustAnchorsRefused || fault instanceof Refusal
  if (!isForOperator) throw fault
  console.error(fault.message)
  process.exit(EX_UNAVAILABLE)
}
