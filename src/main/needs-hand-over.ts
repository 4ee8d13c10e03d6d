import type { Config } from '../config/config.ts'

/** Whether a person may have to say themselves that a card or phone is theirs. */
export function needsHandOver({ linkage, phonePolicies }: Pick<Config, 'linkage' | 'phonePolicies'>): boolean {
  return linkage.kind === 'none' || (linkage.style === 'previous' && phonePolicies.length > 0)
}
