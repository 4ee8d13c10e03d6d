import { ConfigError } from '../config/config-error.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load-config.ts'

/** sysexits.h EX_CONFIG. */
const EX_CONFIG = 78

/** The configuration, or every fault of it on standard error and the end of the process. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  try {
    return loadConfig(environment)
  } catch (fault) {
    if (!(fault instanceof ConfigError)) throw fault
    console.error(fault.message)
    console.error('docs/config.md lists every key.')
    process.exit(EX_CONFIG)
  }
}
