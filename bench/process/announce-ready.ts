import type { Server } from 'node:http'

/** Listens, says so on standard output, and ends with the process that started it. */
export function announceReady(server: Server, port: number): void {
  server.listen(port, '127.0.0.1', () => {
    console.log('ready')
  })
  // the other end of standard input is the bench
  process.stdin.resume().on('end', () => process.exit(0))
}
