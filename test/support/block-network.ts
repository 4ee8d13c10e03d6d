/**
 * Setup file of the unit layer: whoever opens a socket there, listens on one or asks the name service fails at once and loudly.
 * A unit test talks to in-memory ports; whatever needs a network belongs to another layer.
 */
import dgram from 'node:dgram'
import dns from 'node:dns'
import net from 'node:net'

export class NetworkBlocked extends Error {
  override readonly name = 'NetworkBlocked'

  constructor(what: string) {
    super(`the network is blocked in the unit layer: ${what}`)
  }
}

function block(what: string): () => never {
  // not an arrow function: `new WebSocket()` must get as far as this error
  return function blocked() {
    throw new NetworkBlocked(what)
  }
}

// every TCP, TLS, HTTP and Unix client socket goes through this one method, undici's and pg's too
net.Socket.prototype.connect = block('a socket was connected')
net.Server.prototype.listen = block('a server was told to listen')
dgram.Socket.prototype.bind = block('a datagram socket was bound')
dgram.Socket.prototype.send = block('a datagram was sent')
dgram.Socket.prototype.connect = block('a datagram socket was connected')

for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6', 'reverse', 'lookupService'] as const) {
  Object.defineProperty(dns, name, { value: block(`dns.${name}`) })
  Object.defineProperty(dns.promises, name, { value: block(`dns.promises.${name}`) })
}

// these would wrap the error in one of their own, or only emit it
for (const name of ['fetch', 'WebSocket', 'EventSource'] as const) {
  Object.defineProperty(globalThis, name, { configurable: true, writable: true, value: block(`${name}()`) })
}
