import { createServer } from 'node:net'

/** Below where Linux takes the ports of outgoing connections from (ip(7), ip_local_port_range). */
const FIRST = 20_000
const LAST = 30_000

/** @returns the first of so many free ports of 127.0.0.1 one after the other */
export async function freePortRow(count: number): Promise<number> {
  for (let base = FIRST + (process.pid % 97) * count; base + count < LAST; base += count) {
    const row = Array.from({ length: count }, (_, index) => base + index)
    if ((await Promise.all(row.map(isFree))).every(Boolean)) return base
  }
  throw new Error(`there are no ${count} free ports in a row`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => {
      resolve(false)
    })
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true)
      })
    })
  })
}
