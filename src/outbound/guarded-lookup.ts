import { lookup as systemLookup, type LookupAddress, type LookupAllOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { OutboundFault } from './outbound-fault.ts'
import { isSpecialUse } from './special-use-networks.ts'

/** As `dns.lookup` with `all: true`; a parameter so that a test can play a hostile name service. */
export type ResolveAll = (
  hostname: string,
  options: LookupAllOptions,
  callback: (fault: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/**
 * A look-up for `net.connect`: the addresses that are connected to are the ones that were looked at, so that a name cannot mean one
 * thing when it is checked and another when it is used (DNS rebinding). One special-use address among them refuses all.
 *
 * @param isOurs hosts that may be anywhere
 */
export function createGuardedLookup(
  isOurs: (hostname: string) => boolean,
  resolve: ResolveAll = systemLookup,
): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (fault, addresses) => {
      if (fault !== null) {
        callback(fault, '')
        return
      }
      if (!isOurs(hostname) && addresses.some(({ address }) => isSpecialUse(address))) {
        callback(new OutboundFault('network-not-allowed', hostname), '')
        return
      }
      const [first] = addresses
      if (options.all === true) callback(null, addresses)
      else callback(null, first?.address ?? '', first?.family)
    })
  }
}
