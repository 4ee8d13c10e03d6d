import type { CardConnection } from './card-readers.ts'
import type { CardDeadlines } from './card-deadlines.ts'
import { CardFailure } from './card-failure.ts'
import { getResponseCommand } from './commands.ts'
import { judgeCommand, type ChannelState, type Verdict } from './judge-command.ts'
import { maskCommand } from './mask-command.ts'
import { withDeadline } from './with-deadline.ts'

export interface CardAnswer {
  readonly data: Buffer
  /** SW1 ‖ SW2, for instance 0x9000. */
  readonly status: number
}

export interface ApduChannel {
  /**
   * Sends one allowed command. `61xx` and `6Cxx` are followed within bounds; any other status is the caller's to judge.
   *
   * The bytes are zeroed once they are sent.
   *
   * @throws CardFailure; AGENT_FAILED caused by ForbiddenCommand for what is not on the allow-list
   */
  send(command: Buffer): Promise<CardAnswer>
}

/** What a debug log gets to see of each exchange. */
export type ApduTrace = (exchange: {
  command: string
  answerBytes: number
  status: string
  milliseconds: number
}) => void

/** A short answer: 256 bytes and the status. */
const MAX_ANSWER_BYTES = 258
/** What one command may bring by 61xx. The longest true answer is 256 bytes; some readers hand it over in small pieces. */
const MAX_ANSWER_ROUNDS = 32
const MAX_COLLECTED_BYTES = 512

/**
 * The one place from which bytes go to a card. Every command passes `judgeCommand` first; every wait has a deadline.
 * After the card, the reader or the service is gone, or has kept us waiting, nothing more is sent.
 */
export function createApduChannel(deps: {
  connection: CardConnection
  deadlines: CardDeadlines
  /** Milliseconds; only differences are used. */
  monotonicMs: () => number
  trace?: ApduTrace | undefined
}): ApduChannel {
  const { connection, deadlines, monotonicMs, trace } = deps
  const endsAt = monotonicMs() + deadlines.sessionMs
  let state: ChannelState = { application: false, file: undefined, pinPresented: false, answerPending: false }
  let broken: CardFailure | undefined

  async function exchange(command: Buffer): Promise<{ answer: CardAnswer; verdict: Verdict }> {
    const startedAt = monotonicMs()
    const milliseconds = Math.min(deadlines.commandMs, endsAt - startedAt)
    const shown = maskCommand(command)
    let sent: Promise<Uint8Array> | undefined
    try {
      if (broken !== undefined) throw broken
      const verdict = judgeCommand(command, state)
      state = before(state, verdict)
      if (milliseconds <= 0) throw new CardFailure('CARD_TIMEOUT', 'session')
      sent = connection.transmit(command)
      const raw = await withDeadline(sent, milliseconds, () => new CardFailure('CARD_TIMEOUT', 'command'))
      const answer = parseAnswer(raw)
      trace?.({
        command: shown,
        answerBytes: answer.data.length,
        status: answer.status.toString(16).toUpperCase().padStart(4, '0'),
        milliseconds: Math.round(monotonicMs() - startedAt),
      })
      state = after(state, verdict, answer)
      return { answer, verdict }
    } catch (error) {
      const failure = error instanceof CardFailure ? error : new CardFailure('AGENT_FAILED', shown, { cause: error })
      // A reader that would not carry these bytes may carry others; everything else is the end of the session.
      if (failure.code !== 'CARD_PROTOCOL_ERROR') broken ??= failure
      throw failure
    } finally {
      zeroWhenSettled(sent, command)
    }
  }

  async function send(command: Buffer): Promise<CardAnswer> {
    // The first exchange zeroes what it sent; a repetition needs its own copy, and a PIN is never repeated.
    const again = command[1] === 0x20 ? undefined : Buffer.from(command)
    let { answer, verdict } = await exchange(command)
    // 6Cxx: the same command with the right Le. Never for VERIFY: with a fifth byte that is not zero it would announce a PIN.
    if (answer.status >> 8 === 0x6c && again !== undefined && (verdict.kind === 'read' || verdict.kind === 'sign')) {
      again[again.length - 1] = answer.status & 0xff
      ;({ answer, verdict } = await exchange(again))
    }
    if (answer.status >> 8 !== 0x61) return answer
    if (verdict.kind === 'verify' || verdict.kind === 'ask-tries') {
      throw new CardFailure('CARD_PROTOCOL_ERROR', '61xx to VERIFY')
    }
    const parts = [answer.data]
    for (let round = 0; answer.status >> 8 === 0x61; round += 1) {
      const bytes = parts.reduce((sum, part) => sum + part.length, 0)
      if (round === MAX_ANSWER_ROUNDS || bytes > MAX_COLLECTED_BYTES) {
        throw new CardFailure('CARD_PROTOCOL_ERROR', 'endless 61xx')
      }
      ;({ answer } = await exchange(getResponseCommand(answer.status & 0xff)))
      parts.push(answer.data)
    }
    return { data: Buffer.concat(parts), status: answer.status }
  }

  return { send }
}

function before(state: ChannelState, verdict: Verdict): ChannelState {
  switch (verdict.kind) {
    case 'select-application':
      return { ...state, application: false, file: undefined, answerPending: false }
    case 'select-file':
      return { ...state, file: undefined, answerPending: false }
    case 'verify':
      return { ...state, pinPresented: true, answerPending: false }
    default:
      return { ...state, answerPending: false }
  }
}

function after(state: ChannelState, verdict: Verdict, answer: CardAnswer): ChannelState {
  const answerPending = answer.status >> 8 === 0x61
  if (answer.status !== 0x9000) return { ...state, answerPending }
  switch (verdict.kind) {
    case 'select-application':
      return { ...state, application: true, answerPending }
    case 'select-file':
      return { ...state, file: verdict.file, answerPending }
    default:
      return { ...state, answerPending }
  }
}

function parseAnswer(raw: Uint8Array): CardAnswer {
  if (raw.length < 2 || raw.length > MAX_ANSWER_BYTES) {
    throw new CardFailure('CARD_PROTOCOL_ERROR', `answer of ${String(raw.length)} bytes`)
  }
  const bytes = Buffer.from(raw)
  return { data: bytes.subarray(0, -2), status: bytes.readUInt16BE(bytes.length - 2) }
}

/** Not before the reader has let go of the bytes: zeroed while it still reads them, a VERIFY would carry another PIN. */
function zeroWhenSettled(sent: Promise<unknown> | undefined, command: Buffer): void {
  const zero = () => {
    command.fill(0)
  }
  if (sent === undefined) zero()
  else sent.then(zero, zero)
}
