import type { Duplex } from 'node:stream'
import type { Cluster, Redis } from 'ioredis'

/**
 * What a process has for one server of a Cluster within one turn of its event loop goes out in one piece. A command alone costs a system call,
 * which is more than everything else that is done for it here. Nothing is reordered, and nothing waits for a time to pass. (For one server
 * alone it is one command anyway: `run-script.ts`.)
 */
export function sendTogether(cluster: Cluster): void {
  cluster.on('+node', (node: Redis) => {
    node.on('connect', () => {
      gatherWrites(node.stream)
    })
  })
}

type Write = (this: Duplex, ...args: unknown[]) => boolean

export function gatherWrites(stream: Duplex): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean
  let isGathering = false
  const gathered: Write = (...args) => {
    if (!isGathering) {
      isGathering = true
      stream.cork()
      setImmediate(() => {
        isGathering = false
        stream.uncork()
      })
    }
    return write(...args)
  }
  stream.write = gathered as Duplex['write']
}
