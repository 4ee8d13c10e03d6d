import { createServer, type AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { PortBusy, listenOnLoopback } from '../../src/web/listen-on-loopback.ts'

const listener = () => undefined

/** A stranger on an address. */
async function squat(host: string): Promise<AsyncDisposable & { port: number }> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('attack 23: the port', () => {
  test.each(['127.0.0.1', '::1'])('a stranger on %s alone: PortBusy, not half an agent', async (host) => {
    await using stranger = await squat(host)
    await expect(listenOnLoopback(listener, stranger.port)).rejects.toBeInstanceOf(PortBusy)
    // Nothing is left listening on the other address.
    const other = createServer()
    await new Promise<void>((resolve, reject) => {
      other.once('error', reject).listen(stranger.port, host === '::1' ? '127.0.0.1' : '::1', resolve)
    })
    await new Promise((resolve) => other.close(resolve))
  })

  test('a second agent on the same port: PortBusy', async () => {
    const first = await listenOnLoopback(listener, 0)
    await expect(listenOnLoopback(listener, first.port)).rejects.toMatchObject({ name: 'PortBusy', port: first.port })
    await first.close()
  })

  test('only loopback is listened on', async () => {
    const listening = await listenOnLoopback(listener, 0)
    const elsewhere = createServer()
    // Another loopback address with the same port is free: nobody listens on all addresses.
    await new Promise<void>((resolve, reject) => {
      elsewhere.once('error', reject).listen(listening.port, '127.0.0.2', resolve)
    })
    expect(elsewhere.listening).toBe(true)
    await new Promise((resolve) => elsewhere.close(resolve))
    await listening.close()
  })
})
