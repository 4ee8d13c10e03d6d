import { connect, type Socket } from 'node:net'
import type { InsertableCard } from '../card/insertable-card.ts'
import { CONTROL, createFrameReader, frame } from './vpcd-frames.ts'

/** Port of vpcd's first reader (0x8C7B); the second listens on the next one. */
export const VPCD_PORT = 35963

const CONNECT_DEADLINE_MS = 5000
const REMOVE_DEADLINE_MS = 5000

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
    if (current) return
    const socket = await openSocket(options.host, options.port)
    current = socket
    socket.once('close', () => {
      if (current === socket) current = undefined
      options.card.reset()
    })
    try {
      await serveCard(socket, options.card)
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

/** Serves the card on `socket`. Resolves when the reader has powered it and come back for more: then pcscd knows it is there. */
function serveCard(socket: Socket, card: InsertableCard): Promise<void> {
  const reader = createFrameReader()
  let turn: Promise<void> = Promise.resolve()
  let seen: 'nothing' | 'power' | 'answer to reset' = 'nothing'

  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => {
      reject(new Error('the reader did not power the card'))
    }, CONNECT_DEADLINE_MS)
    socket.once('close', () => {
      clearTimeout(deadline)
      reject(new Error('the reader went away'))
    })

    async function handle(message: Buffer): Promise<void> {
      if (socket.writableEnded) return
      if (seen === 'answer to reset') {
        clearTimeout(deadline)
        resolve()
      }
      if (message.length !== 1) {
        socket.write(frame(await card.transmit(message)))
        return
      }
      const control = message[0]
      if (control === CONTROL.atr) {
        if (seen === 'power') seen = 'answer to reset'
        socket.write(frame(card.atr))
        return
      }
      // Power off, power on and reset all end the session on the card and are not answered.
      if (control === CONTROL.powerOn || control === CONTROL.reset) seen = 'power'
      card.reset()
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
