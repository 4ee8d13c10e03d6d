import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** What went to a server while something was done. */
export interface Traffic {
  /** How often its client had to wait: what is sent before an answer to it can have come is one wait. */
  readonly waits: number
  /** What was sent, in order, as the reader names it. */
  readonly commands: readonly string[]
}

/** A wire to a server on this machine, on which one can count. */
export interface Tap {
  readonly port: number
  /** Of this wire alone. Nothing else may use it meanwhile. */
  readonly meter: Meter
  close(): Promise<void>
}

/** Counts waits, on one wire or on several together. */
export interface Meter {
  question(named: readonly string[]): void
  answer(): void
  /** From now on these do not count: a server asks them by itself, whoever comes or not. */
  ignore(names: readonly string[]): void
  /** From nothing. */
  during(work: () => Promise<unknown>): Promise<Traffic>
}

export function createMeter(): Meter {
  let waits = 0
  let commands: string[] = []
  let isWaiting = false
  const ignored = new Set<string>()
  return {
    question: (all) => {
      const named = all.filter((name) => !ignored.has(name))
      commands.push(...named)
      if (named.length === 0 || isWaiting) return
      waits += 1
      isWaiting = true
    },
    answer: () => {
      isWaiting = false
    },
    ignore: (names) => {
      for (const name of names) ignored.add(name)
    },
    during: async (work) => {
      waits = 0
      commands = []
      isWaiting = false
      await work()
      return { waits, commands }
    },
  }
}

/** Longer than it takes to send what belongs together, so that whatever is sent in one go is one wait. */
const HOLD_MS = 3

/**
 * @param createReader for each connection: names what a piece of it asks for; nothing named, nothing counted
 * @param joint counts this wire and others together
 */
export async function tapConnection(
  target: number,
  createReader: () => (piece: Buffer) => readonly string[],
  joint?: Meter,
): Promise<Tap> {
  const sockets = new Set<Socket>()
  const meter = createMeter()

  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    const read = createReader()
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    const carry = async (from: Socket, to: Socket, see: (piece: Buffer) => void): Promise<void> => {
      for await (const piece of from) {
        see(piece as Buffer)
        await pause(HOLD_MS)
        if (!to.destroyed) to.write(piece as Buffer)
      }
    }
    const question = carry(near, far, (piece) => {
      const named = read(piece)
      meter.question(named)
      joint?.question(named)
    })
    const answer = carry(far, near, () => {
      meter.answer()
      joint?.answer()
    })
    question.catch(() => near.destroy())
    answer.catch(() => far.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    meter,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
