import { setTimeout as pause } from 'node:timers/promises'
import { showReaderName } from '../card/show-reader-name.ts'
import type { CardAccess } from '../card/with-card.ts'
import { AgentRefusal } from '../ceremony/agent-refusal.ts'
import type { Ceremonies } from '../ceremony/create-ceremonies.ts'
import type { Ceremony } from '../ceremony/create-ceremony.ts'
import type { Scene } from '../ceremony/scene.ts'
import { nameScene, watchCeremony, type WatchTimes } from '../ceremony/watch-ceremony.ts'
import { titleOf } from '../doctor/write-report.ts'
import type { PinDialogue } from '../pin/pin-entry.ts'
import type { Locale, Translate } from '../text/translate.ts'
import type { Terminal } from './terminal.ts'

export interface SignInDeps {
  readonly ceremonies: Ceremonies
  readonly access: CardAccess
  readonly pinEntry: PinDialogue
  readonly terminal: Terminal
  readonly t: Translate
  readonly locale: Locale
  readonly watchTimes: WatchTimes
  /** The person stops: Ctrl-C, or the end of the terminal. */
  readonly signal: AbortSignal
}

/** Problems that no card put there later mends. */
const FINAL: readonly string[] = ['PIN_BLOCKED', 'CARD_NO_CERTIFICATE', 'AGENT_FAILED']

/**
 * One ceremony at a terminal instead of in the browser. On standard output stands only where the browser goes on: that address
 * signs nobody in but in the browser that began (protocol.md, "The relay rule").
 *
 * @returns 0 when the card has signed
 */
export async function runSignIn(
  deps: SignInDeps,
  { provider, ticket }: { provider: string; ticket: string },
): Promise<number> {
  const { ceremonies, terminal, t } = deps
  try {
    const opening = await ceremonies.open(provider, ticket)
    if (opening.outcome === 'busy') throw new AgentRefusal('CEREMONY_BUSY')
    return await lead(deps, opening.ceremony)
  } catch (error) {
    if (!(error instanceof AgentRefusal)) throw error
    terminal.complain(`${error.code}: ${t(`refusal.${error.code}.title`)}`)
    terminal.complain(t(`refusal.${error.code}.message`))
    return 1
  }
}

/** From scene to scene until one is the last. */
async function lead(deps: SignInDeps, ceremony: Ceremony): Promise<number> {
  const { terminal, t, signal } = deps
  let scene = await ceremony.look()
  while (scene.page !== 'done' && scene.page !== 'failed') {
    if ('notice' in scene && scene.notice !== 'wrong-pin') terminal.complain(t(`notice.${scene.notice}`))
    scene = signal.aborted ? await ceremony.leave() : await next(deps, ceremony, scene)
  }
  if (scene.page === 'failed') {
    terminal.complain(`${scene.code}: ${t(`refusal.${scene.code}.title`)}`)
    return 1
  }
  terminal.complain(t(scene.result === 'signed' ? 'cli.sign-in.signed' : 'cli.sign-in.stopped'))
  terminal.say(scene.completionUri)
  return scene.result === 'signed' ? 0 : 1
}

async function next(
  deps: SignInDeps,
  ceremony: Ceremony,
  scene: Exclude<Scene, { page: 'done' | 'failed' }>,
): Promise<Scene> {
  const { pinEntry, locale, signal } = deps
  switch (scene.page) {
    case 'confirm': {
      const question = ceremony.question(locale)
      const goesOn = question !== undefined && (await pinEntry.confirmLastTry(question, signal))
      return goesOn ? ceremony.confirm() : ceremony.leave()
    }
    case 'pin':
    case 'asking': {
      const after = await ceremony.present(ceremony.formId(), pinEntry, locale, signal)
      if (!('notice' in after) || !ENDINGS.includes(after.notice)) return after
      deps.terminal.complain(deps.t(`notice.${after.notice}`))
      return ceremony.leave()
    }
    case 'choose':
      return choose(deps, ceremony, scene.readerNames)
    case 'problem':
      return waitForCard(deps, ceremony, scene.code)
  }
}

/** Answers after which the question is not put again. */
const ENDINGS: readonly (string | undefined)[] = ['pin-cancelled', 'pin-timed-out', 'pin-entry-unavailable']

async function choose(deps: SignInDeps, ceremony: Ceremony, readerNames: readonly string[]): Promise<Scene> {
  const { terminal, t } = deps
  terminal.complain(t('choose.message'))
  readerNames.forEach((name, index) => {
    terminal.complain(`${t('choose.reader', { number: index + 1 })} ${showReaderName(name)}`)
  })
  const answer = await terminal.ask(t('cli.sign-in.choose'))
  const number = /^\d{1,2}$/.test(answer?.trim() ?? '') ? Number(answer) : 0
  if (number < 1 || number > readerNames.length) return ceremony.leave()
  return ceremony.choose(ceremony.formId(), number - 1)
}

/** Says what is wrong and waits until it is not, as long as the ticket lives and somebody is there to do something about it. */
async function waitForCard(deps: SignInDeps, ceremony: Ceremony, code: string): Promise<Scene> {
  const { terminal, t, access, signal, watchTimes } = deps
  terminal.complain(`${code}: ${titleOf(t, code)}`)
  terminal.complain(t(`doctor.${code}.remedy`))
  if (FINAL.includes(code) || !terminal.isInteractive) return ceremony.leave()
  terminal.complain(t('cli.sign-in.waiting'))
  const seen = nameScene(ceremony)
  while (!signal.aborted) {
    const scene = await watchCeremony({ ceremony, access, seen, signal }, watchTimes)
    if (scene !== undefined) return scene
    await pause(watchTimes.readersMs)
  }
  return ceremony.leave()
}
