import type { PortHolder } from '../launch/who-holds-port.ts'
import type { Translate } from '../text/translate.ts'

/** The port is somebody else's: not a fault of what was asked for, and worth another try later (sysexits(3), EX_TEMPFAIL). */
export const PORT_TAKEN_STATUS = 75

/** What to tell of a program that has the agent's port. */
export function describeStranger(t: Translate, port: number, holder: Extract<PortHolder, { who: 'stranger' }>): string {
  const { pid, program, user } = holder
  const lines = [t('cli.port.taken', { port })]
  if (pid !== undefined) lines.push(t('cli.port.taken-by', { program: program ?? '?', pid }))
  else if (user !== undefined) lines.push(t('cli.port.taken-by-user', { user }))
  lines.push(t(pid === undefined ? 'cli.port.find-out' : 'cli.port.end-it', { port }))
  return lines.join('\n')
}
