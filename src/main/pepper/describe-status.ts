import type { PepperCount } from '../../subject/pepper/pepper-census.ts'

export const NOBODY: Omit<PepperCount, 'version'> = { current: 0, expired: 0, barred: 0, others: 0 }

export type PepperRole = 'written' | 'looked for' | 'MISSING' | 'given up'

export function roleOf(version: number, known: readonly number[], missing: readonly number[]): PepperRole {
  if (known.includes(version)) return known[0] === version ? 'written' : 'looked for'
  return missing.includes(version) ? 'MISSING' : 'given up'
}

/** How far a change of the pepper is, and what to do about what is left. */
export function describeStatus(rows: readonly (PepperCount & { readonly role: PepperRole })[]): readonly string[] {
  const lines = rows.map(
    ({ version, role, current, others }) =>
      `version ${version}  ${role.padEnd(10)}  ${current} in use, ${others} replaced or taken out`,
  )
  const waiting = rows.filter(({ role }) => role === 'looked for')
  const sum = (key: 'current' | 'expired' | 'barred' | 'others') => waiting.reduce((total, row) => total + row[key], 0)
  const isWritten = waiting.some(({ version }) => rows.some((row) => row.role === 'written' && row.version > version))
  const missing = rows.filter(({ role }) => role === 'MISSING').map(({ version }) => version)
  return [
    ...lines,
    ...(missing.length > 0
      ? [`Version ${missing.join(', ')} is missing: no server starts without it. Put it back into HANDLE_PEPPER.`]
      : []),
    ...(isWritten && sum('current') > 0
      ? [
          `${sum('current')} cards in use move when they are next seen: ${sum('expired')} have expired (they move when the card that ` +
            `replaced them is seen), ${sum('barred')} are of suspended or closed accounts (they move when those are open again).`,
          'Waiting costs nothing. Until they have moved the old pepper is not forgotten.',
        ]
      : []),
    ...(isWritten && sum('others') > 0
      ? [
          `${sum('others')} were replaced or taken out: once the old pepper is forgotten nobody knows that, and where revocation is not ` +
            'checked such a card could begin a new account. A replaced one moves when its successor first signs in.',
        ]
      : []),
  ]
}
