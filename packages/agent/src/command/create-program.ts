import { Command, InvalidArgumentError, Option } from 'commander'
import { AGENT_PORT } from '@sekisho/protocol'
import { AUTOSTARTS, SYSTEMS } from '../launch/plan-launch.ts'
import { LOG_LEVELS, type LogLevel } from '../observability/agent-log.ts'
import type { Translate } from '../text/translate.ts'
import { AGENT_NAME, AGENT_VERSION } from '../version.ts'
import type { InstallOptions } from './launch-actions.ts'

export interface PinentryOption {
  /** Name or path of the pinentry to use. */
  readonly pinentryProgram: string
}

export interface ServeOptions extends PinentryOption {
  readonly port: number
  readonly logLevel: LogLevel
  readonly pinEntry: 'page' | 'pinentry'
}

export interface SignInOptions extends PinentryOption {
  readonly provider: string
  readonly ticket: string
  readonly logLevel: LogLevel
  readonly pinEntry: 'terminal' | 'pinentry'
}

/** What each command does; returns the exit status. */
export interface Actions {
  serve(options: ServeOptions): Promise<number>
  signIn(options: SignInOptions): Promise<number>
  card(): Promise<number>
  trustAdd(issuer: string, options: { development: boolean; yes: boolean }): Promise<number>
  trustList(): Promise<number>
  trustRemove(name: string): Promise<number>
  doctor(): Promise<number>
  wake(options: { port: number }): Promise<number>
  install(options: InstallOptions): Promise<number>
  uninstall(options: { dryRun: boolean }): Promise<number>
  status(options: { port: number }): Promise<number>
}

/** The commands and their options. `finish` gets the exit status. */
export function createProgram(actions: Actions, t: Translate, finish: (status: number) => void): Command {
  const program = new Command(AGENT_NAME)
    .description(t('cli.description'))
    .version(AGENT_VERSION, '-V, --version', t('cli.version'))
    .helpOption('-h, --help', t('cli.help'))
    .helpCommand(false)
    .showHelpAfterError(t('cli.see-help'))
    .configureHelp({ styleTitle: (title) => translateTitle(title, t) })

  program
    .command('serve')
    .description(t('cli.serve'))
    .addOption(portOption())
    .addOption(new Option('--log-level <level>', t('cli.serve.log-level')).choices(LOG_LEVELS).default('info'))
    .addOption(pinEntryOption('page'))
    .addOption(pinentryProgramOption())
    .action(async (options: ServeOptions) => {
      finish(await actions.serve(options))
    })

  program
    .command('sign-in')
    .description(t('cli.sign-in'))
    .requiredOption('--provider <name>', t('cli.sign-in.provider'))
    .requiredOption('--ticket <id>', t('cli.sign-in.ticket'))
    .addOption(new Option('--log-level <level>', t('cli.serve.log-level')).choices(LOG_LEVELS).default('silent'))
    .addOption(pinEntryOption('terminal'))
    .addOption(pinentryProgramOption())
    .action(async (options: SignInOptions) => {
      finish(await actions.signIn(options))
    })

  program
    .command('card')
    .description(t('cli.card'))
    .action(async () => {
      finish(await actions.card())
    })

  program
    .command('wake')
    .description(t('cli.wake'))
    .addOption(portOption())
    // Some desktops hand over the address that was opened, asked or not. It is not looked at.
    .argument('[ignored...]', t('cli.wake.ignored'))
    .action(async (_ignored: string[], options: { port: number }) => {
      finish(await actions.wake(options))
    })

  program
    .command('install')
    .description(t('cli.install'))
    .addOption(new Option('--autostart <how>', t('cli.install.autostart')).choices(AUTOSTARTS))
    .addOption(new Option('--system <system>', t('cli.install.system')).choices(SYSTEMS))
    .option('--dry-run', t('cli.install.dry-run.option'), false)
    .option('--print', t('cli.install.print'), false)
    .action(async (options: InstallOptions) => {
      finish(await actions.install(options))
    })
  program
    .command('uninstall')
    .description(t('cli.uninstall'))
    .option('--dry-run', t('cli.install.dry-run.option'), false)
    .action(async (options: { dryRun: boolean }) => {
      finish(await actions.uninstall(options))
    })
  program
    .command('status')
    .description(t('cli.status'))
    .addOption(portOption())
    .action(async (options: { port: number }) => {
      finish(await actions.status(options))
    })

  function portOption(): Option {
    return new Option('--port <number>', t('cli.serve.port'))
      .default(AGENT_PORT)
      .env('SEKISHO_AGENT_PORT')
      .argParser(parsePort(t))
  }

  function pinEntryOption(usual: 'page' | 'terminal'): Option {
    return new Option('--pin-entry <where>', t('cli.pin-entry'))
      .choices([usual, 'pinentry'])
      .default(usual)
      .env('SEKISHO_AGENT_PIN_ENTRY')
  }

  function pinentryProgramOption(): Option {
    return new Option('--pinentry-program <program>', t('cli.pinentry-program'))
      .default('pinentry')
      .env('SEKISHO_AGENT_PINENTRY_PROGRAM')
  }

  const trust = program.command('trust').description(t('cli.trust')).helpCommand(false)
  trust
    .command('add')
    .description(t('cli.trust.add'))
    .argument('<issuer>', t('cli.trust.add.issuer'))
    .option('--development', t('cli.trust.add.development'), false)
    .option('-y, --yes', t('cli.trust.add.yes'), false)
    .action(async (issuer: string, options: { development: boolean; yes: boolean }) => {
      finish(await actions.trustAdd(issuer, options))
    })
  trust
    .command('list')
    .description(t('cli.trust.list'))
    .action(async () => {
      finish(await actions.trustList())
    })
  trust
    .command('remove')
    .description(t('cli.trust.remove'))
    .argument('<name>', t('cli.trust.remove.name'))
    .action(async (name: string) => {
      finish(await actions.trustRemove(name))
    })

  program
    .command('doctor')
    .description(t('cli.doctor'))
    .action(async () => {
      finish(await actions.doctor())
    })
  return program
}

function parsePort(t: Translate): (text: string) => number {
  return (text) => {
    const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
    if (!(port >= 0 && port <= 65_535)) throw new InvalidArgumentError(t('cli.serve.port.invalid'))
    return port
  }
}

/** The headings that commander writes in English. */
function translateTitle(title: string, t: Translate): string {
  const key = `cli.title.${title.replace(/:$/, '').toLowerCase()}`
  return ['cli.title.usage', 'cli.title.arguments', 'cli.title.options', 'cli.title.commands'].includes(key)
    ? t(key)
    : title
}
