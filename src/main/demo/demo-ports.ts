import { AGENT_PORT } from '@sekisho/protocol'

/** Loopback ports of the demonstration. */
export interface DemoPorts {
  readonly provider: number
  readonly shop: number
  readonly jpki: number
  readonly agent: number
  /** The API that keeps the shop's orders; left out, there is none. */
  readonly api?: number
  /** The page where the card on the reader is chosen; left out, there is none. */
  readonly personas?: number
  /** The administrators' console; left out, there is none. */
  readonly admin?: number
}

const DEFAULT_BASE = 3000

/**
 * Ports in a row from `base`; the agent keeps its fixed port unless a base is given, so that several demonstrations can
 * run beside each other.
 */
export function demoPorts(base: number | undefined): DemoPorts {
  const first = base ?? DEFAULT_BASE
  const [provider, shop, jpki] = [first, first + 1, first + 2]
  if (base === undefined) {
    return { provider, shop, jpki, api: first + 3, personas: first + 4, admin: first + 5, agent: AGENT_PORT }
  }
  return { provider, shop, jpki, agent: first + 3, api: first + 4, personas: first + 5, admin: first + 6 }
}
