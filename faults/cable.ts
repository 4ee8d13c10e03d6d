import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** What a cable does with the bytes on it. */
export type CableState =
  | { readonly kind: 'sound' }
  /** Every connection breaks, and new ones are refused. */
  | { readonly kind: 'cut' }
  /** Both ways, for each piece. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** What is asked arrives and is done; the answers are lost. */
  | { readonly kind: 'answers-lost' }
  /** Nothing moves, and nobody is told. */
  | { readonly kind: 'frozen' }

export interface Cable {
  readonly port: number
  set(state: CableState): void
  close(): Promise<void>
}

/** A cable to a service on loopback that misbehaves on order. */
export async function layCable(target: number): Promise<Cable> {
  let state: CableState = { kind: 'sound' }
  const sockets = new Set<Socket>()
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const carry = async (from: Socket, to: Socket, direction: 'question' | 'answer'): Promise<void> => {
    for await (const piece of from) {
      if (state.kind === 'slow') await pause(state.ms)
      while (state.kind === 'frozen' && !from.destroyed) await pause(20)
      if (state.kind === 'answers-lost' && direction === 'answer') continue
      if (!to.destroyed) to.write(piece as Buffer)
    }
    to.end()
  }
  const server = createServer((near) => {
    if (state.kind === 'cut') {
      near.destroy()
      return
    }
    const far = connect(target, '127.0.0.1')
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
    void carry(near, far, 'question').catch(() => near.destroy())
    void carry(far, near, 'answer').catch(() => far.destroy())
  })
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve((server.address() as { port: number }).port)
    })
  })
  return {
    port,
    set(next) {
      const wasLosing = state.kind === 'answers-lost'
      state = next
      // a conversation that lost an answer cannot be taken up again
      if (next.kind === 'cut' || wasLosing) breakAll()
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      breakAll()
      await closed
    },
  }
}
