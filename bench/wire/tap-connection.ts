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
  /** Nothing else may use the wire meanwhile. */
  during(work: () => Promise<unknown>): Promise<Traffic>
  close(): Promise<void>
}

/** Longer than it takes to send what belongs together, so that whatever is sent in one go is one wait. */
const HOLD_MS = 3

/** @param createReader for each connection: names what a piece of it asks for; nothing named, nothing counted */
export async function tapConnection(
  target: number,
  createReader: () => (piece: Buffer) => readonly string[],
): Promise<Tap> {
  const sockets = new Set<Socket>()
  let waits = 0
  let commands: string[] = []
  let isWaiting = false

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
      commands.push(...named)
      if (named.length > 0 && !isWaiting) {
        waits += 1
        isWaiting = true
      }
    })
    const answer = carry(far, near, () => {
      isWaiting = false
    })
    question.catch(() => near.destroy())
    answer.catch(() => far.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    during: async (work) => {
      waits = 0
      commands = []
      isWaiting = false
      await work()
      return { waits, commands }
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
