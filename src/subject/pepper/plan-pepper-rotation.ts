import type { PepperOctets, Peppers } from '../credential-handle.ts'
import type { PepperCount } from './pepper-census.ts'

/**
 * The steps of a change. Each must have reached every process before the next one begins: a handle is only ever written under a pepper
 * that all of them look for.
 */
export type PepperStep =
  /** A new one is looked for, and not written yet. */
  | { readonly step: 'introduce'; readonly peppers: Peppers<PepperOctets> }
  /** The new one is written; rows move as their cards are seen. */
  | { readonly step: 'promote'; readonly peppers: Peppers<PepperOctets> }
  /** The old one is forgotten. */
  | { readonly step: 'retire'; readonly peppers: Peppers<PepperOctets> }
  /** Cards in use are still kept under the old one: without it they would be strangers. */
  | { readonly step: 'wait'; readonly remaining: number }

/** @param newKey 32 random octets, used when a new pepper is due */
export function planPepperRotation(
  peppers: Peppers<PepperOctets>,
  counts: readonly Pick<PepperCount, 'version' | 'current'>[],
  newKey: Uint8Array,
  { abandon = false }: { readonly abandon?: boolean } = {},
): PepperStep {
  const [first, ...others] = peppers
  const newer = others.find(({ version }) => version > first.version)
  if (newer !== undefined) {
    return { step: 'promote', peppers: [newer, first, ...others.filter((one) => one !== newer)] }
  }
  if (others.length === 0) {
    const versions = [first.version, ...counts.map(({ version }) => version)]
    const next: PepperOctets = { version: Math.max(...versions) + 1, key: newKey }
    return { step: 'introduce', peppers: [first, next] }
  }
  const remaining = counts
    .filter(({ version }) => version !== first.version)
    .reduce((sum, { current }) => sum + current, 0)
  return remaining > 0 && !abandon ? { step: 'wait', remaining } : { step: 'retire', peppers: [first] }
}
