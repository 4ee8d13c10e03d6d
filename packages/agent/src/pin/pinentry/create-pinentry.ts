import { spawn, type ChildProcess } from 'node:child_process'
import { translator, type Translate } from '../../text/translate.ts'
import { describeQuestion } from '../describe-question.ts'
import { parsePin } from '../parse-pin.ts'
import type { PinAnswer, PinDialogue, PinQuestion } from '../pin-entry.ts'
import { createAssuanClient, type AssuanClient, type AssuanReply } from './assuan-client.ts'
import { toAssuanText } from './assuan-text.ts'
import { wrapText } from './wrap-text.ts'

export interface PinentrySettings {
  /** A program of GnuPG's pinentry family: a name to be found on the path, or a path. */
  readonly program: string
  /** The terminal for pinentry-curses and pinentry-tty; the graphical ones find their display in the environment. */
  readonly ttyName: string | undefined
  readonly environment: NodeJS.ProcessEnv
  /** How long the window waits. */
  readonly waitMs?: number
}

/** libgpg-error, err-codes.h. */
const ERRORS = { timeout: 62, canceled: 99, notConfirmed: 114, fullyCanceled: 198 } as const

/** Of a terminal with 80, less the frame; where the locale is not installed, curses counts three for a letter of two. */
const COLUMNS = 50

/** A pinentry that does not keep to its own time limit is ended so much later. */
const GRACE_MS = 5_000
/** For a pinentry to give the terminal back. */
const FAREWELL_MS = 500

/**
 * Asks in a window of pinentry: a program that GnuPG's users know, that locks its memory, and of which there is one for every desktop
 * and for a terminal. One process a question; nothing about it is ever told to a password store (no SETKEYINFO, no
 * allow-external-password-cache).
 *
 * @see GnuPG pinentry manual, "Protocol"
 */
export function createPinentry(settings: PinentrySettings): PinDialogue {
  const { waitMs = 120_000 } = settings

  /** One process: greeting, options, texts, then `question`. */
  async function converse(
    texts: readonly string[],
    question: 'GETPIN' | 'CONFIRM',
    signal: AbortSignal,
  ): Promise<AssuanReply | 'aborted'> {
    if (isAborted(signal)) return 'aborted'
    const { program, environment } = settings
    const child = spawn(program, [], { env: environment, stdio: ['pipe', 'pipe', 'ignore'] })
    const client = createAssuanClient(child.stdout, child.stdin)
    const end = () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      setTimeout(() => child.kill('SIGKILL'), FAREWELL_MS).unref()
    }
    child.on('error', (error: NodeJS.ErrnoException) => {
      client.fail(error.code ?? error.name)
    })
    const deadline = setTimeout(end, waitMs + GRACE_MS)
    signal.addEventListener('abort', end, { once: true })
    try {
      const prepared = await prepare(client, optionsOf(settings, waitMs), texts)
      const reply = prepared ?? (await client.send(question))
      return reply.outcome === 'broken' && isAborted(signal) ? 'aborted' : reply
    } finally {
      clearTimeout(deadline)
      signal.removeEventListener('abort', end)
      child.stdin.end('BYE\n')
      await gone(child, FAREWELL_MS)
      // A window that stays open would ask for nobody.
      end()
    }
  }

  return {
    kind: 'pinentry',

    async ask(question, signal) {
      const t = translator(question.locale)
      const reply = await converse(textsOf(question, t), 'GETPIN', signal)
      if (reply === 'aborted') return { outcome: 'cancelled' }
      return reply.outcome === 'ok' ? toPin(reply.data) : toFailure(reply)
    },

    async confirmLastTry(question, signal) {
      const t = translator(question.locale)
      // The button that Enter presses stops. Only the other one, which answers "not confirmed", goes on.
      const texts = toCommands([
        ['SETTITLE', t('product')],
        ['SETDESC', wrapText([t('confirm.warning'), t('confirm.consequence')].join('\n'), COLUMNS)],
        ['SETOK', t('confirm.stop')],
        ['SETNOTOK', t('question.go-on')],
      ])
      const reply = await converse(texts, 'CONFIRM', signal)
      return reply !== 'aborted' && reply.outcome === 'error' && reply.code === ERRORS.notConfirmed
    },
  }
}

function isAborted({ aborted }: AbortSignal): boolean {
  return aborted
}

/** Resolves once the process has ended, or after `ms`: a terminal is given back before anybody writes on it again. */
async function gone(child: ChildProcess, ms: number): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** @returns what went wrong, if anything did */
async function prepare(
  client: AssuanClient,
  options: readonly string[],
  texts: readonly string[],
): Promise<AssuanReply | undefined> {
  const greeting = await client.greeting()
  if (greeting.outcome !== 'ok') return greeting
  // An option that this pinentry does not know is no loss.
  for (const option of options) {
    const reply = await client.send(option)
    if (reply.outcome === 'broken') return reply
  }
  // A window that does not say who asks must not open.
  for (const text of texts) {
    const reply = await client.send(text)
    if (reply.outcome !== 'ok') return { outcome: 'broken', detail: `${text.split(' ')[0] ?? ''} refused` }
  }
  return undefined
}

function optionsOf({ ttyName, environment }: PinentrySettings, waitMs: number): string[] {
  const terminal = environment['TERM']
  const characters = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG']
  return [
    ...(ttyName === undefined ? [] : [`OPTION ttyname=${ttyName}`]),
    ...(terminal === undefined ? [] : [`OPTION ttytype=${terminal}`]),
    ...(characters === undefined ? [] : [`OPTION lc-ctype=${characters}`]),
    `SETTIMEOUT ${String(Math.ceil(waitMs / 1000))}`,
  ]
}

function textsOf(question: PinQuestion, t: Translate): string[] {
  const texts: [string, string][] = [
    ['SETTITLE', t('product')],
    ['SETDESC', wrapText(describeQuestion(question, t).join('\n'), COLUMNS)],
    ['SETPROMPT', t('pin.prompt')],
    ['SETOK', t('pin.submit')],
    ['SETCANCEL', t('leave.cancel')],
  ]
  if (question.wrongBefore) texts.push(['SETERROR', t('notice.wrong-pin.last')])
  return toCommands(texts)
}

function toCommands(texts: readonly (readonly [string, string])[]): string[] {
  return texts.map(([command, text]) => `${command} ${toAssuanText(text)}`)
}

function toPin(data: Buffer): PinAnswer {
  try {
    const pin = parsePin(data)
    return pin === undefined ? { outcome: 'malformed' } : { outcome: 'entered', pin }
  } finally {
    data.fill(0)
  }
}

function toFailure(reply: Exclude<AssuanReply, { outcome: 'ok' }>): PinAnswer {
  if (reply.outcome === 'broken') return { outcome: 'unavailable', detail: reply.detail }
  if (reply.code === ERRORS.timeout) return { outcome: 'timed-out' }
  if (reply.code === ERRORS.canceled || reply.code === ERRORS.fullyCanceled) return { outcome: 'cancelled' }
  return { outcome: 'unavailable', detail: `error ${String(reply.code)}` }
}
