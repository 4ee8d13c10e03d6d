import { judgePart, removePart, writePart, type LaunchPart, type PartState } from '../launch/launch-file.ts'
import { findPortHolder } from '../launch/who-holds-port.ts'
import type { Translate } from '../text/translate.ts'
import { describeStranger } from './describe-stranger.ts'
import type { Terminal } from './terminal.ts'

export interface InstallDeps {
  readonly terminal: Terminal
  readonly t: Translate
  /** With what is not wanted as well, so that it can be taken away. */
  readonly parts: readonly LaunchPart[]
  readonly isRoot: boolean
  /** What a person must still do on this system, or undefined. */
  readonly after?: { readonly install: string; readonly uninstall: string } | undefined
}

/** Writes what is missing. All is judged first: with one stranger in the way nothing is written at all. */
export async function runInstall(deps: InstallDeps, { dryRun }: { dryRun: boolean }): Promise<number> {
  const { terminal, t, after } = deps
  if (refuseRoot(deps)) return 1
  const judged = await judgeAll(deps.parts)
  const strangers = judged.filter(({ part, state }) => part.wanted && state === 'stranger')
  for (const { part } of strangers) terminal.complain(t(`cli.install.stranger.${part.kind}`, { path: part.path }))
  if (strangers.length > 0) return 1
  for (const { part, state } of judged) {
    const isOurs = state === 'current' || state === 'outdated'
    const verb = part.wanted ? (state === 'current' ? 'kept' : 'written') : isOurs ? 'removed' : undefined
    if (verb === undefined) continue
    if (!dryRun && verb === 'written') await writePart(part)
    if (!dryRun && verb === 'removed') await removePart(part)
    terminal.say(t(`cli.install.${verb}`, { path: part.path }))
  }
  if (dryRun) terminal.say(t('cli.install.dry-run'))
  else terminal.say(after === undefined ? t('cli.install.done') : `${t('cli.install.then')}\n  ${after.install}`)
  return 0
}

/** Takes away what is ours, and nothing else. */
export async function runUninstall(deps: InstallDeps, { dryRun }: { dryRun: boolean }): Promise<number> {
  const { terminal, t, after } = deps
  if (refuseRoot(deps)) return 1
  const judged = await judgeAll(deps.parts)
  const ours = judged.filter(({ state }) => state === 'current' || state === 'outdated')
  if (ours.length === 0) terminal.say(t('cli.uninstall.nothing'))
  else if (after !== undefined && !dryRun) terminal.say(`${t('cli.uninstall.first')}\n  ${after.uninstall}`)
  // The link before what it names.
  for (const { part } of ours.toReversed()) {
    if (!dryRun) await removePart(part)
    terminal.say(t('cli.install.removed', { path: part.path }))
  }
  if (dryRun) terminal.say(t('cli.install.dry-run'))
  return 0
}

/** Exit status 0 when everything that starts the agent is in place. */
export async function runStatus(deps: InstallDeps, { port }: { port: number }): Promise<number> {
  const { terminal, t } = deps
  const judged = (await judgeAll(deps.parts)).filter(({ part, state }) => part.wanted || state !== 'missing')
  for (const { part, state } of judged) terminal.say(`${t(`cli.status.${state}`)}  ${part.path}`)
  const holder = await findPortHolder(port)
  if (holder.who === 'agent') terminal.say(t('cli.status.running', { url: holder.url }))
  else if (holder.who === 'nobody') terminal.say(t('cli.status.not-running'))
  else terminal.say(describeStranger(t, port, holder))
  return judged.every(({ part, state }) => !part.wanted || state === 'current') ? 0 : 1
}

/** The texts themselves, for whoever installs them another way. */
export function printParts({ terminal, parts }: Pick<InstallDeps, 'terminal' | 'parts'>): number {
  for (const part of parts.filter(({ wanted }) => wanted)) {
    terminal.say(`==> ${part.path}${part.kind === 'link' ? ` -> ${part.target}` : ''}`)
    if (part.kind === 'line') terminal.say(part.shown)
    if (part.kind === 'file') terminal.say(readable(part.content))
  }
  return 0
}

function readable(content: Buffer): string {
  const isUtf16 = content[0] === 0xff && content[1] === 0xfe
  return content.toString(isUtf16 ? 'utf16le' : 'utf8').replace(/^\ufeff/, '')
}

async function judgeAll(parts: readonly LaunchPart[]): Promise<{ part: LaunchPart; state: PartState }[]> {
  return Promise.all(parts.map(async (part) => ({ part, state: await judgePart(part) })))
}

/** Root's log-in is nobody's desktop, and what runs there could be anybody's card. */
function refuseRoot({ isRoot, terminal, t }: InstallDeps): boolean {
  if (isRoot) terminal.complain(t('cli.install.root'))
  return isRoot
}
