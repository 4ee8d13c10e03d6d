import { buildTranscript, type AgentFailureCode, type TicketMessage } from '@sekisho/protocol'
import { describeReaders } from '../card/describe-readers.ts'
import { inspectCard, type InspectedCard } from '../card/inspect-card.ts'
import { showReaderName } from '../card/show-reader-name.ts'
import { signWithCard } from '../card/sign-with-card.ts'
import type { CardAccess } from '../card/with-card.ts'
import type { AgentLog } from '../observability/agent-log.ts'
import type { PinAnswer, PinEntry, PinQuestion } from '../pin/pin-entry.ts'
import type { CeremonyResult, ProviderClient } from '../provider/create-provider-client.ts'
import { ProviderFailure } from '../provider/provider-failure.ts'
import type { Locale } from '../text/translate.ts'
import type { TrustedProvider } from '../trust-list/trust-list.ts'
import { createCardOnPage } from './card-on-page.ts'
import { isLive, step, type CeremonyState } from './ceremony-states.ts'
import type { Notice, Scene } from './scene.ts'

export interface CeremonyDeps {
  readonly access: CardAccess
  readonly provider: ProviderClient
  readonly now: () => Date
  /** 32 random bytes as base64url text. */
  readonly randomToken: () => string
  readonly log: AgentLog
}

export interface Ceremony {
  readonly provider: TrustedProvider
  readonly ticketId: string
  readonly ticket: TicketMessage
  /** Proves that a form came from a page of this ceremony. */
  readonly token: string
  /** Proves that a form came from the page that offers to give this ceremony up. Good for nothing else. */
  readonly replaceToken: string
  /** Names the form now shown; used up by the first PIN that comes with it, and by every change of the card. */
  formId(): string
  state(): CeremonyState
  isExpired(): boolean
  /** The scene as it is now; looks at the card while the ceremony is open. */
  look(notice?: Notice): Promise<Scene>
  /** The scene as it was last found, without a look at the card. */
  lastScene(): Scene | undefined
  /** Which readers and cards there were when the card was last looked at, as `describeReaders` writes it. */
  readersSeen(): string
  /** What a person should know before typing the PIN now; undefined when no card takes one. */
  question(locale: Locale): PinQuestion | undefined
  /** The person means the card on the nth of the readers shown, or none of them any more. */
  choose(formId: string, index: number | undefined): Promise<Scene>
  /** The person read the warning about the last try and goes on. */
  confirm(): Promise<Scene>
  /**
   * Asks for the PIN, once, and presents it, once. The PIN is zeroed on every path.
   *
   * @param signal the person is not there any more: an open question ends
   */
  present(formId: string, entry: PinEntry, locale: Locale, signal: AbortSignal): Promise<Scene>
  /** The person stops. What stood in the way, if anything did, is what the provider is told. */
  leave(): Promise<Scene>
}

export function createCeremony(
  deps: CeremonyDeps,
  start: { provider: TrustedProvider; ticketId: string; ticket: TicketMessage; lifeMs: number },
): Ceremony {
  const { access, now, randomToken, log } = deps
  const { provider, ticketId, ticket } = start
  const expiresAt = now().getTime() + start.lifeMs
  let state: CeremonyState = 'opened'
  let formId = randomToken()
  /** The form that a change of the card, and not a PIN, made useless. */
  let outdatedFormId: string | undefined
  let readersSeen = ''
  let wrongBefore = false
  const card = createCardOnPage(() => {
    outdatedFormId = formId
    formId = randomToken()
    wrongBefore = false
  })
  let last: Scene | undefined
  let ending: Scene | undefined
  let underWay: Promise<Scene> | undefined
  let asking: AbortController | undefined

  const isExpired = () => now().getTime() >= expiresAt

  /** One errand at a time; who comes meanwhile gets the result of the one under way. */
  function alone(errand: () => Promise<Scene>): Promise<Scene> {
    underWay ??= errand()
      .then((scene) => (last = scene))
      .finally(() => (underWay = undefined))
    return underWay
  }

  /** Whatever looks at the card now may finish first. */
  async function idle(): Promise<void> {
    while (underWay !== undefined) await underWay
  }

  async function inspect(notice: Notice | undefined): Promise<Scene> {
    readersSeen = await describeReaders(access)
    const status = await inspectCard(access, card.chosenReader())
    card.show(status)
    if (status.state === 'problem') log.info({ code: status.code, detail: status.detail }, 'card not ready')
    return card.scene(notice)
  }

  async function report(result: CeremonyResult, outcome: 'signed' | AgentFailureCode): Promise<Scene> {
    state = step(state, 'reporting')
    try {
      const { completionUri } = await deps.provider.sendResult(provider.origin, ticketId, result)
      state = step(state, 'completed')
      ending = { page: 'done', completionUri, result: outcome }
    } catch (error) {
      state = step(state, 'failed')
      const failure = error instanceof ProviderFailure ? error : undefined
      if (failure === undefined) log.error({ err: nameOf(error) }, 'reporting failed')
      ending = { page: 'failed', code: failure?.code ?? 'PROVIDER_UNREACHABLE' }
      log.warn({ provider: provider.name, code: ending.code, detail: failure?.detail }, 'provider not told')
    }
    log.info({ provider: provider.name, outcome, state }, 'ceremony ended')
    return ending
  }

  async function sign(shown: InspectedCard, pin: Buffer): Promise<Scene> {
    const { nonce, context } = ticket
    const transcript = buildTranscript({ providerOrigin: provider.origin, nonce, context })
    state = step(state, 'signing')
    const signed = await signWithCard(access, { shown, pin, transcript }).catch((error: unknown) => {
      log.error({ err: nameOf(error) }, 'signing failed')
      return { outcome: 'failed', code: 'AGENT_FAILED', detail: undefined } as const
    })
    switch (signed.outcome) {
      case 'signed':
        return report(signed, 'signed')
      case 'wrong-pin':
        state = step(state, 'opened')
        log.info({ triesLeft: signed.triesLeft }, 'wrong PIN')
        card.show({ state: 'ready', card: { ...shown, triesLeft: signed.triesLeft } })
        wrongBefore = true
        return card.scene('wrong-pin')
      case 'card-changed':
        state = step(state, 'opened')
        return inspect('card-changed')
      case 'failed':
        state = step(state, 'opened')
        log.info({ code: signed.code, detail: signed.detail }, 'card failed')
        card.show({ state: 'problem', code: signed.code })
        return card.scene()
    }
  }

  async function askAndSign(
    shown: InspectedCard,
    entry: PinEntry,
    locale: Locale,
    signal: AbortSignal,
  ): Promise<Scene> {
    const answer = await ask(shown, entry, locale, signal)
    if (answer.outcome === 'entered') return sign(shown, answer.pin)
    if (answer.outcome === 'unavailable') log.warn({ entry: entry.kind, detail: answer.detail }, 'PIN not asked')
    return inspect(NOTICES[answer.outcome])
  }

  async function ask(shown: InspectedCard, entry: PinEntry, locale: Locale, signal: AbortSignal): Promise<PinAnswer> {
    const question = questionOf(shown, locale)
    // The page's own form was answered before: nobody waits, nothing is shown elsewhere.
    if (entry.kind === 'page') return entry.ask(question, signal)
    state = step(state, 'asking')
    asking = new AbortController()
    const timeLeft = AbortSignal.timeout(Math.max(expiresAt - now().getTime(), 1))
    try {
      const answer = await entry.ask(question, AbortSignal.any([signal, asking.signal, timeLeft]))
      // Typed too late, or while the person gave up elsewhere.
      if (answer.outcome !== 'entered' || (!isExpired() && !asking.signal.aborted)) return answer
      answer.pin.fill(0)
      return { outcome: 'cancelled' }
    } finally {
      asking = undefined
      state = step(state, 'opened')
    }
  }

  function questionOf({ triesLeft, kind, readerName }: InspectedCard, locale: Locale): PinQuestion {
    const { relying_party: relyingParty } = ticket
    const shownName = showReaderName(readerName)
    return { relyingParty, provider: provider.origin, readerName: shownName, kind, triesLeft, wrongBefore, locale }
  }

  /** Ends without a signature; once, however often it is asked for. */
  async function stopWith(code: AgentFailureCode): Promise<Scene> {
    return ending ?? alone(() => report({ error: code }, code))
  }

  async function settled(): Promise<Scene | undefined> {
    if (state === 'asking') return { page: 'asking' }
    if (state !== 'opened' && underWay !== undefined) return underWay
    if (ending !== undefined) return ending
    if (!isExpired()) return undefined
    await idle()
    return stopWith('AGENT_TIMED_OUT')
  }

  return {
    provider,
    ticketId,
    ticket,
    token: randomToken(),
    replaceToken: randomToken(),
    formId: () => formId,
    state: () => state,
    isExpired: () => isLive(state) && state === 'opened' && isExpired(),
    lastScene: () => (state === 'asking' ? { page: 'asking' } : (ending ?? last)),
    readersSeen: () => readersSeen,
    question(locale) {
      const shown = card.shown()
      return shown === undefined ? undefined : questionOf(shown, locale)
    },

    async look(notice) {
      return (await settled()) ?? alone(() => inspect(notice))
    },

    async confirm() {
      const end = await settled()
      if (end !== undefined) return end
      await idle()
      card.confirm()
      return (last = card.scene())
    },

    async choose(usedFormId, index) {
      const end = await settled()
      if (end !== undefined) return end
      await idle()
      if (usedFormId === formId) {
        if (index === undefined) card.forgetChoice()
        else card.choose(index)
      }
      return this.look()
    },

    async present(usedFormId, entry, locale, signal) {
      const end = await settled()
      if (end !== undefined) return end
      await idle()
      if (state !== 'opened' || usedFormId !== formId) {
        return this.look(usedFormId === outdatedFormId ? 'card-changed' : 'form-used')
      }
      const shown = card.acceptsPin()
      if (shown === undefined) return this.look()
      // Used up before anything else happens: the same form again finds another id, or the signing under way.
      formId = randomToken()
      return alone(() => askAndSign(shown, entry, locale, signal))
    },

    async leave() {
      asking?.abort()
      await idle()
      const end = await settled()
      if (end !== undefined) return end
      await idle()
      return stopWith(card.problem() ?? 'AGENT_CANCELLED')
    },
  }
}

const NOTICES = {
  malformed: 'pin-format',
  cancelled: 'pin-cancelled',
  'timed-out': 'pin-timed-out',
  unavailable: 'pin-entry-unavailable',
} as const satisfies Record<Exclude<PinAnswer['outcome'], 'entered'>, Notice>

/** The class of an error; its message may hold anything. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}
