import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'

/**
 * RFC 6761 §6.3: `localhost` and every name under it are this machine, whatever a resolver says. Node leaves that to the system,
 * which often does not know the names below.
 */
export const lookUpAddress: LookupFunction = (hostname, options, callback) => {
  if (hostname !== 'localhost' && !hostname.endsWith('.localhost')) {
    lookup(hostname, options, callback)
    return
  }
  const addresses = [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ].filter(({ family }) => options.family === undefined || options.family === 0 || options.family === family)
  if (options.all === true) callback(null, addresses)
  else callback(null, addresses[0]?.address ?? '127.0.0.1', addresses[0]?.family ?? 4)
}
