import { homedir } from 'node:os'
import { posix, win32 } from 'node:path'
import {
  AUTOSTART_ENTRY_NAME,
  SCHEME_TYPE,
  URL_ENTRY_NAME,
  writeAutostartEntry,
  writeUrlEntry,
} from './desktop-entries.ts'
import type { LaunchPart } from './launch-file.ts'
import { addDefault, defaultOf, removeDefault } from './mime-apps.ts'
import { LABEL, writeBundleInformation, writeLaunchAgent, writeWakeScript } from './property-lists.ts'
import { writeRegistryAdditions } from './registry-files.ts'
import { UNIT_NAME, writeSystemdUnit } from './systemd-unit.ts'

export const SYSTEMS = ['linux', 'macos', 'windows'] as const
export type LaunchSystem = (typeof SYSTEMS)[number]

/** What starts the agent with the session on Linux. */
export const AUTOSTARTS = ['systemd', 'xdg', 'none'] as const
export type Autostart = (typeof AUTOSTARTS)[number]

/** The folders of this person. */
export interface LaunchPlaces {
  readonly home: string
  /** XDG Base Directory: relative ones are ignored. */
  readonly config: string
  readonly data: string
  readonly appData: string
}

export function findPlaces(env: NodeJS.ProcessEnv, home: string = homedir()): LaunchPlaces {
  const absolute = (value: string | undefined) => (value?.startsWith('/') === true ? value : undefined)
  return {
    home,
    config: absolute(env['XDG_CONFIG_HOME']) ?? posix.join(home, '.config'),
    data: absolute(env['XDG_DATA_HOME']) ?? posix.join(home, '.local', 'share'),
    appData: env['APPDATA'] ?? win32.join(home, 'AppData', 'Roaming'),
  }
}

/** Everything that is written, in order. Both ways of autostart stand in it, so that `uninstall` finds whichever was taken. */
export function planLaunch(
  system: LaunchSystem,
  { places, command, autostart }: { places: LaunchPlaces; command: readonly string[]; autostart: Autostart },
): readonly LaunchPart[] {
  switch (system) {
    case 'linux':
      return planLinux(places, command, autostart)
    case 'macos':
      return planMacos(places, command, autostart !== 'none')
    case 'windows':
      return planWindows(places, command)
  }
}

function planLinux({ config, data }: LaunchPlaces, command: readonly string[], autostart: Autostart): LaunchPart[] {
  const units = posix.join(config, 'systemd', 'user')
  return [
    {
      kind: 'file',
      wanted: autostart === 'systemd',
      path: posix.join(units, UNIT_NAME),
      content: Buffer.from(writeSystemdUnit(command)),
      mode: 0o644,
    },
    // What `systemctl --user enable` makes.
    {
      kind: 'link',
      wanted: autostart === 'systemd',
      path: posix.join(units, 'default.target.wants', UNIT_NAME),
      target: `../${UNIT_NAME}`,
    },
    {
      kind: 'file',
      wanted: autostart === 'xdg',
      path: posix.join(config, 'autostart', AUTOSTART_ENTRY_NAME),
      content: Buffer.from(writeAutostartEntry(command)),
      mode: 0o644,
    },
    {
      kind: 'file',
      wanted: true,
      path: posix.join(data, 'applications', URL_ENTRY_NAME),
      content: Buffer.from(writeUrlEntry(command)),
      mode: 0o644,
    },
    {
      kind: 'line',
      wanted: true,
      path: posix.join(config, 'mimeapps.list'),
      shown: `[Default Applications]\n${SCHEME_TYPE}=${URL_ENTRY_NAME}\n`,
      isThere: (text) => defaultOf(text, SCHEME_TYPE) === URL_ENTRY_NAME,
      add: (text) => addDefault(text, SCHEME_TYPE, URL_ENTRY_NAME),
      remove: (text) => removeDefault(text, SCHEME_TYPE, URL_ENTRY_NAME),
    },
  ]
}

function planMacos({ home }: LaunchPlaces, command: readonly string[], atLogIn: boolean): LaunchPart[] {
  const contents = posix.join(home, 'Applications', 'Sekisho Agent.app', 'Contents')
  return [
    {
      kind: 'file',
      wanted: atLogIn,
      path: posix.join(home, 'Library', 'LaunchAgents', `${LABEL}.plist`),
      content: Buffer.from(writeLaunchAgent(command)),
      mode: 0o644,
    },
    {
      kind: 'file',
      wanted: true,
      path: posix.join(contents, 'Info.plist'),
      content: Buffer.from(writeBundleInformation('wake')),
      mode: 0o644,
    },
    {
      kind: 'file',
      wanted: true,
      path: posix.join(contents, 'MacOS', 'wake'),
      content: Buffer.from(writeWakeScript(command)),
      mode: 0o755,
    },
  ]
}

function planWindows({ appData }: LaunchPlaces, command: readonly string[]): LaunchPart[] {
  const path = win32.join(appData, 'sekisho-agent', 'install.reg')
  return [{ kind: 'file', wanted: true, path, content: writeRegistryAdditions(command), mode: 0o644 }]
}
