import { MARK, SCHEME } from './mark.ts'
import { refuseControl } from './refuse-control.ts'

export const URL_ENTRY_NAME = 'sekisho-agent-url.desktop'
export const AUTOSTART_ENTRY_NAME = 'sekisho-agent.desktop'
export const SCHEME_TYPE = `x-scheme-handler/${SCHEME}`

/** Starts the agent with the session (Desktop Application Autostart Specification). */
export function writeAutostartEntry(command: readonly string[]): string {
  return entry(command, 'serve', [])
}

/** Handles the scheme. `Exec` has no `%u`: the address is not handed over. */
export function writeUrlEntry(command: readonly string[]): string {
  return entry(command, 'wake', ['NoDisplay=true', `MimeType=${SCHEME_TYPE};`])
}

function entry(command: readonly string[], verb: string, more: readonly string[]): string {
  return [
    `# ${MARK}`,
    '[Desktop Entry]',
    'Type=Application',
    'Name=Sekisho Agent',
    'Comment=Sign-in with the My Number Card',
    'Comment[ja]=マイナンバーカードでのサインイン',
    `Exec=${[...command, verb].map(quote).join(' ')}`,
    'Terminal=false',
    ...more,
    '',
  ].join('\n')
}

/**
 * Desktop Entry Specification, "The Exec key": reserved characters make quotes necessary, inside which four are escaped; `%` is
 * doubled; and the value as a whole is a string, in which a backslash is written twice.
 */
function quote(argument: string): string {
  refuseControl(argument)
  const doubled = argument.replaceAll('%', '%%')
  if (/^[\w@%+=:,./-]+$/.test(doubled)) return doubled
  return `"${doubled.replace(/["`$\\]/g, '\\$&')}"`.replaceAll('\\', '\\\\')
}
