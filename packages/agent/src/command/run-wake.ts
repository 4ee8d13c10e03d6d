import { spawn } from 'node:child_process'
import { judgePart, type LaunchPart } from '../launch/launch-file.ts'
import { findPortHolder } from '../launch/who-holds-port.ts'
import { UNIT_NAME } from '../launch/systemd-unit.ts'
import type { Translate } from '../text/translate.ts'
import { describeStranger, PORT_TAKEN_STATUS } from './describe-stranger.ts'
import type { Terminal } from './terminal.ts'

/** From the start of a process to its first page, on a slow computer. */
const START_WITHIN_MS = 15_000
const LOOK_EVERY_MS = 50

/**
 * What the scheme `sekisho-agent:` does: the agent runs afterwards. It is told nothing of the address that was opened.
 *
 * @param deps.command how this program is started
 */
export async function runWake(
  deps: { terminal: Terminal; t: Translate; command: readonly string[]; parts: readonly LaunchPart[] },
  { port }: { port: number },
): Promise<number> {
  const { terminal, t, command, parts } = deps
  const holder = await findPortHolder(port)
  if (holder.who === 'agent') {
    terminal.say(t('cli.serve.already', { url: holder.url }))
    return 0
  }
  if (holder.who === 'stranger') {
    terminal.complain(describeStranger(t, port, holder))
    return PORT_TAKEN_STATUS
  }
  if (!(await startUnit(parts))) {
    const [file = '', ...first] = command
    const child = spawn(file, [...first, 'serve', '--port', String(port)], { detached: true, stdio: 'ignore' })
    await new Promise((resolve) => child.once('spawn', resolve).once('error', resolve))
    child.unref()
  }
  const endsAt = performance.now() + START_WITHIN_MS
  while (performance.now() < endsAt) {
    const now = await findPortHolder(port)
    if (now.who === 'agent') {
      terminal.say(t('cli.wake.woken', { url: now.url }))
      return 0
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
  terminal.complain(t('cli.wake.failed'))
  return 1
}

/** Where our unit is installed, systemd starts the agent: with its log, and whatever the person changed in a drop-in. */
async function startUnit(parts: readonly LaunchPart[]): Promise<boolean> {
  const unit = parts.find(({ path }) => path.endsWith(`/user/${UNIT_NAME}`))
  if (unit === undefined || !['current', 'outdated'].includes(await judgePart(unit))) return false
  const child = spawn('systemctl', ['--user', 'start', UNIT_NAME], { stdio: 'ignore' })
  return new Promise((resolve) => {
    child.once('error', () => {
      resolve(false)
    })
    child.once('exit', (status) => {
      resolve(status === 0)
    })
  })
}
