import type { Config } from '../../config/config.ts'

/** sysexits.h EX_CONFIG. */
const EX_CONFIG = 78

/**
 * An http: issuer is this machine's own (config/), with nothing in front: then browsers must find this very port under it. Otherwise
 * the first page would come from here, with its cookies, and the next address lead to another program.
 */
export function unreachableReason({ issuer, port, trustProxy }: Config): string | undefined {
  const { protocol, port: named } = new URL(issuer)
  if (protocol === 'https:' || trustProxy.kind !== 'nobody') return undefined
  const issuerPort = named === '' ? 80 : Number(named)
  if (issuerPort === port) return undefined
  return (
    `ISSUER says port ${issuerPort}, but the server listens on PORT ${port} and no proxy is declared: browsers would lose their ` +
    `cookies half-way. Set ISSUER=http://localhost:${port}, or PORT=${issuerPort}, or TRUST_PROXY when a proxy listens there.`
  )
}

/** Ends the process with the reason and the remedy. */
export function refuseUnreachable(config: Config): void {
  const reason = unreachableReason(config)
  if (reason === undefined) return
  console.error(`the configuration cannot be used:\n  ISSUER: ${reason}`)
  process.exit(EX_CONFIG)
}
