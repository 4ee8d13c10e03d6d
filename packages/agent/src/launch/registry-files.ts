import { MARK, SCHEME } from './mark.ts'
import { refuseControl } from './refuse-control.ts'

const RUN = String.raw`HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Run`
const CLASS = String.raw`HKEY_CURRENT_USER\Software\Classes` + `\\${SCHEME}`
const NAME = 'Sekisho Agent'

/** What `reg import` takes: the agent at log-in, and the scheme. The command has no `%1`: the address is not handed over. */
export function writeRegistryAdditions(command: readonly string[]): Buffer {
  return registryFile([
    `[${RUN}]`,
    `${text(NAME)}=${text(commandLine([...command, 'serve']))}`,
    '',
    `[${CLASS}]`,
    `@=${text(`URL:${NAME}`)}`,
    '"URL Protocol"=""',
    '',
    `[${CLASS}\\shell\\open\\command]`,
    `@=${text(commandLine([...command, 'wake']))}`,
  ])
}

/** What takes it away again: commands, since a file of ours is gone by then. */
export const REGISTRY_REMOVALS = [`reg delete "${RUN}" /v "${NAME}" /f`, `reg delete "${CLASS}" /f`] as const

/** UTF-16 with a byte order mark and CR LF, as regedit itself writes it: paths may be Japanese. */
function registryFile(lines: readonly string[]): Buffer {
  const all = ['Windows Registry Editor Version 5.00', '', `; ${MARK}`, '', ...lines, '']
  return Buffer.from(`\ufeff${all.join('\r\n')}`, 'utf16le')
}

function text(value: string): string {
  refuseControl(value)
  return `"${value.replace(/["\\]/g, '\\$&')}"`
}

/** CommandLineToArgvW: quotes around each word. A path on Windows has no quote, and none of ours ends with a backslash. */
function commandLine(words: readonly string[]): string {
  return words.map((word) => `"${word}"`).join(' ')
}
