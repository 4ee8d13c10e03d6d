import { readFile } from 'node:fs/promises'
import { isIPv6, type Socket } from 'node:net'

/** @returns the numeric user at the other end, 'nobody' when the system knows no such connection, undefined when it does not tell */
export type PeerUser = (socket: Socket) => Promise<number | 'nobody' | undefined>

/** The user that owns the other end of a loopback connection, from Linux' own tables (proc(5), /proc/net/tcp). */
export const readPeerUser: PeerUser = async (socket) => {
  const { remoteAddress, remotePort, localAddress, localPort } = socket
  if (
    remoteAddress === undefined ||
    remotePort === undefined ||
    localAddress === undefined ||
    localPort === undefined
  ) {
    return 'nobody'
  }
  const connection = {
    here: { address: localAddress, port: localPort },
    there: { address: remoteAddress, port: remotePort },
  }
  // A program with an IPv6 socket reaches 127.0.0.1 as ::ffff:127.0.0.1 and stands in the other table.
  const tables = isIPv6(remoteAddress) ? ['/proc/net/tcp6'] : ['/proc/net/tcp', '/proc/net/tcp6']
  for (const path of tables) {
    const table = await readFile(path, 'latin1').catch(() => undefined)
    if (table === undefined) return undefined
    const user = findPeerUser(table, connection, path.endsWith('6'))
    if (user !== undefined) return user
  }
  return 'nobody'
}

interface Endpoint {
  readonly address: string
  readonly port: number
}

/** TCP_ESTABLISHED. In later states the kernel no longer names the user. */
const ESTABLISHED = '01'

/** One line a connection: `sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid …` */
export function findPeerUser(
  table: string,
  { here, there }: { here: Endpoint; there: Endpoint },
  wide: boolean,
): number | undefined {
  // The peer's own line: what is remote to us is local to it.
  const [local, remote] = [toColumn(there, wide), toColumn(here, wide)]
  for (const line of table.split('\n')) {
    const columns = line.trim().split(/\s+/)
    if (columns[1] === local && columns[2] === remote && columns[3] === ESTABLISHED) return Number(columns[7])
  }
  return undefined
}

/**
 * `0100007F:5B9F`. The kernel writes each 32-bit word of an address in host order: little-endian wherever Node runs on Linux,
 * but for s390x, where nothing is found and nobody is let in.
 */
function toColumn({ address, port }: Endpoint, wide: boolean): string {
  const bytes = isIPv6(address)
    ? Buffer.from([...new Array<number>(15).fill(0), 1]) // of all IPv6 addresses only ::1 is listened on
    : Buffer.from([...(wide ? [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] : []), ...address.split('.').map(Number)])
  return `${bytes.swap32().toString('hex')}:${port.toString(16).padStart(4, '0')}`.toUpperCase()
}
