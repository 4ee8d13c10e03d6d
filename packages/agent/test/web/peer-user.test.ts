import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { findPeerUser, readPeerUser } from '../../src/web/read-peer-user.ts'

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
const line = (local: string, remote: string, state: string, uid: number) =>
  `   1: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000  ${String(uid)}        0 1147 1 0000 100 0 0 10 0\n`

const V4 = { here: { address: '127.0.0.1', port: 24815 }, there: { address: '127.0.0.1', port: 51000 } }
const V6 = { here: { address: '::1', port: 24815 }, there: { address: '::1', port: 51000 } }
const ONE = '00000000000000000000000001000000'
const MAPPED = '0000000000000000FFFF00000100007F'

describe('who is at the other end, by the system’s own table', () => {
  test.each([
    ['IPv4', V4, line('0100007F:C738', '0100007F:60EF', '01', 1001), false, 1001],
    ['IPv6', V6, line(`${ONE}:C738`, `${ONE}:60EF`, '01', 1001), true, 1001],
    ['an IPv6 socket that reaches 127.0.0.1', V4, line(`${MAPPED}:C738`, `${MAPPED}:60EF`, '01', 1001), true, 1001],
    ['our own end is not the other end', V4, line('0100007F:60EF', '0100007F:C738', '01', 1000), false, undefined],
    ['a connection that is over names nobody', V4, line('0100007F:C738', '0100007F:60EF', '06', 0), false, undefined],
    ['a connection to someone else', V4, line('0100007F:C738', '0100007F:0050', '01', 1001), false, undefined],
    ['an empty table', V4, '', false, undefined],
  ])('%s', (_what, connection, table, wide, user) => {
    expect(findPeerUser(HEAD + table, connection, wide)).toBe(user)
  })

  test.each(['127.0.0.1', '::1'])('a real connection to %s: this user, or a system without the table', async (host) => {
    const accepted = Promise.withResolvers<Socket>()
    const server = createServer((socket) => {
      accepted.resolve(socket)
    })
    await new Promise<void>((resolve) => {
      server.listen(0, host, resolve)
    })
    const client = connect((server.address() as AddressInfo).port, host)
    try {
      const user = await readPeerUser(await accepted.promise)
      expect([process.getuid?.(), undefined]).toContain(user)
      if (process.platform === 'linux') expect(user).toBe(process.getuid?.())
    } finally {
      client.destroy()
      server.close()
    }
  })
})
