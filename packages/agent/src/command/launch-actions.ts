import { existsSync } from 'node:fs'
import { ownCommand } from '../launch/own-command.ts'
import { judgePart, type LaunchPart } from '../launch/launch-file.ts'
import { findPlaces, planLaunch, type Autostart, type LaunchSystem } from '../launch/plan-launch.ts'
import { REGISTRY_REMOVALS } from '../launch/registry-files.ts'
import type { Translate } from '../text/translate.ts'
import { printParts, runInstall, runStatus, runUninstall } from './run-install.ts'
import { runWake } from './run-wake.ts'
import type { Terminal } from './terminal.ts'

export interface InstallOptions {
  readonly autostart?: Autostart
  readonly dryRun: boolean
  readonly print: boolean
  readonly system?: LaunchSystem
}

/** What these commands want to know of the process they run in. */
export type OwnProcess = Pick<NodeJS.Process, 'env' | 'platform' | 'execPath' | 'argv' | 'getuid'>

/** `install`, `uninstall`, `status`, `wake`: where this program lies, on which system, and whose it is, are found out here. */
export function launchActions({ process, terminal, t }: { process: OwnProcess; terminal: Terminal; t: Translate }) {
  const own = systemOf(process.platform)
  const command = ownCommand(process)
  const places = findPlaces(process.env, process.env['HOME'])
  const partsFor = (system: LaunchSystem, autostart: Autostart): readonly LaunchPart[] =>
    planLaunch(system, { places, command, autostart })
  const depsFor = async (autostart?: Autostart) => {
    const parts = partsFor(own, autostart ?? (await presentAutostart()) ?? usualAutostart())
    const after = own === 'windows' ? registryCommands(parts) : undefined
    return { terminal, t, parts, isRoot: process.getuid?.() === 0, after }
  }

  /** What was installed before stays until something else is said. */
  async function presentAutostart(): Promise<Autostart | undefined> {
    for (const autostart of ['systemd', 'xdg'] as const) {
      const [first, ...rest] = partsFor(own, autostart).filter(({ wanted }) => wanted)
      const state = first === undefined || rest.length === 0 ? 'missing' : await judgePart(first)
      if (state === 'current' || state === 'outdated') return autostart
    }
    return undefined
  }

  return {
    install: async ({ autostart, dryRun, print, system = own }: InstallOptions): Promise<number> => {
      if (print) return printParts({ terminal, parts: partsFor(system, autostart ?? usualAutostart()) })
      if (system !== own) {
        terminal.complain(t('cli.install.other-system'))
        return 1
      }
      return runInstall(await depsFor(autostart), { dryRun })
    },
    uninstall: async (options: { dryRun: boolean }): Promise<number> => runUninstall(await depsFor('none'), options),
    status: async (options: { port: number }): Promise<number> => runStatus(await depsFor(), options),
    wake: async (options: { port: number }): Promise<number> =>
      runWake({ terminal, t, command, parts: partsFor(own, 'systemd') }, options),
  }
}

function systemOf(platform: NodeJS.Platform): LaunchSystem {
  return platform === 'darwin' ? 'macos' : platform === 'win32' ? 'windows' : 'linux'
}

/** sd_booted(3): where systemd runs, it starts the agent; elsewhere the desktop's session does. */
function usualAutostart(): Autostart {
  return existsSync('/run/systemd/system') ? 'systemd' : 'xdg'
}

/** The registry is no file: Windows' own tool puts it in, before the eyes of the person. */
function registryCommands(parts: readonly LaunchPart[]): { install: string; uninstall: string } {
  const imports = parts.map(({ path }) => `reg import "${path}"`)
  return { install: imports.join('\n  '), uninstall: REGISTRY_REMOVALS.join('\n  ') }
}
