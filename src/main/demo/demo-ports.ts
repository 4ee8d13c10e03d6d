import { AGENT_PORT } from '@sekisho/protocol'

/** Loopback ports of the demonstration. */
export interface DemoPorts {
  readonly provider: number
  readonly shop: number
  readonly jpki: number
  readonly agent: number
}

const DEFAULT_BASE = 3000

/**
 * Three ports in a row from `base`; the agent keeps its fixed port unless a base is given, so that several demonstrations can
 * run beside each other.
 */
export function demoPorts(base: number | undefined): DemoPorts {
  const first = base ?? DEFAULT_BASE
  return { provider: first, shop: first + 1, jpki: first + 2, agent: base === undefined ? AGENT_PORT : first + 3 }
}
