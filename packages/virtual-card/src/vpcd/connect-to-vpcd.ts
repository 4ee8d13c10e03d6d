import { connect, type Socket } from 'node:net'
import type { InsertableCard } from '../card/insertable-card.ts'
import { CONTROL, createFrameReader, frame } from './vpcd-frames.ts'

/** Port of vpcd's first reader (0x8C7B); the second listens on the next one. */
export const VPCD_PORT = 35963

const INSERT_DEADLINE_MS = 5000
const REMOVE_DEADLINE_MS = 5000
// pcscd 1.9 asks for the ATR twice before it powers a card that it has noticed.
const MAX_POLLS_WITHOUT_POWER = 3

/** A virtual card in (or beside) a reader of vpcd. */
export interface VpcdConnection {
  /** Whether the card is in the reader. False after `remove`, after a scripted removal, and when vpcd went away. */
  readonly inserted: boolean
  /** Puts the card in and waits until the reader has powered it and looked at it once more. No effect when it is in. */
  insert(): Promise<void>
  /** Takes the card out and waits until the reader has noticed. No effect when it is out. */
  remove(): Promise<void>
  /** Takes the card out for good. */
  close(): Promise<void>
}

/**
 * Puts a virtual card into a reader of vpcd.
 *
 * @param options.host where vpcd listens
 * @param options.port of the reader, {@link VPCD_PORT} for the first
 * @param options.card answers the APDUs; when it throws, the card drops out of the reader
 * @throws Error when nothing listens there, or the reader does not power the card within five seconds
 */
export async function connectToVpcd(options: {
  readonly host: string
  readonly port: number
  readonly card: InsertableCard
}): Promise<VpcdConnection> {
  let current: Socket | undefined

  async function insert(): Promise<void> {
    const deadline = AbortSignal.timeout(INSERT_DEADLINE_MS)
    while (!current && !(await putIn(deadline)));
  }

  /** @returns false when the reader took the card for the one that was in before, and has now seen it leave */
  async function putIn(deadline: AbortSignal): Promise<boolean> {
    const socket = await openSocket(options.host, options.port)
    current = socket
    const closed = new Promise<void>((resolve) => {
      socket.once('close', () => {
        if (current === socket) current = undefined
        options.card.reset()
        resolve()
      })
    })
    try {
      if ((await serveCard(socket, options.card, deadline)) === 'powered') return true
      socket.destroy()
      await closed
      return false
    } catch (error) {
      socket.destroy()
      throw error
    }
  }

  async function remove(): Promise<void> {
    const socket = current
    if (!socket) return
    // vpcd closes its end when it next looks for the card: then the removal has been seen.
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(() => socket.destroy(), REMOVE_DEADLINE_MS)
      socket.once('close', () => {
        clearTimeout(deadline)
        resolve()
      })
      socket.end()
    })
  }

  await insert()
  return {
    get inserted() {
      return current !== undefined
    },
    insert,
    remove,
    close: remove,
  }
}

function openSocket(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      // Losing the reader is no error of the card; 'close' follows.
      socket.on('error', () => socket.destroy())
      resolve(socket)
    })
  })
}

/**
 * Serves the card on `socket`, and goes on after the promise is settled.
 *
 * @returns `powered` once the reader has powered the card and come back for more: then pcscd knows that it is there.
 *   `taken for another` when it never powers it: vpcd polls, so it misses a card that leaves and one that comes between two
 *   polls. A card without power answers nothing; left unanswered, that poll tells vpcd that the card is gone.
 */
function serveCard(
  socket: Socket,
  card: InsertableCard,
  deadline: AbortSignal,
): Promise<'powered' | 'taken for another'> {
  const reader = createFrameReader()
  let turn: Promise<void> = Promise.resolve()
  let polls = 0
  let powered = false
  let everPowered = false
  let settled = false

  return new Promise((resolve, reject) => {
    deadline.addEventListener('abort', () => {
      reject(new Error('the reader did not power the card'))
    })
    socket.once('close', () => {
      reject(new Error('the reader went away'))
    })

    async function handle(message: Buffer): Promise<void> {
      if (socket.writableEnded) return
      if (settled) resolve('powered')
      const control = message.length === 1 ? message[0] : undefined
      if (control === CONTROL.atr) {
        if (!everPowered) polls += 1
        if (polls > MAX_POLLS_WITHOUT_POWER) {
          resolve('taken for another')
          return
        }
        settled = everPowered
        socket.write(frame(card.atr))
      } else if (control !== undefined) {
        // Power off, power on and reset all end the session on the card, and are not answered.
        powered = control !== CONTROL.powerOff
        everPowered ||= powered
        card.reset()
      } else if (powered) {
        socket.write(frame(await card.transmit(message)))
      } else {
        resolve('taken for another')
      }
    }

    socket.on('data', (bytes: Buffer) => {
      for (const message of reader.push(bytes)) {
        turn = turn
          .then(() => handle(message))
          .catch(() => {
            socket.destroy()
          })
      }
    })
  })
}
