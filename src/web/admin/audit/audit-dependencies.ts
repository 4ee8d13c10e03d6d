import type { KeyObject } from 'node:crypto'
import type { AuditBrowser } from '../../../audit/browse/audit-browser.ts'

/** What the pages about the audit log work with. */
export interface AuditDependencies {
  readonly browser: AuditBrowser
  /** The public keys that seals are checked with: by their ids, and as they stand in an export. */
  readonly keys: () => Promise<{
    readonly byId: ReadonlyMap<string, KeyObject>
    readonly jwks: readonly { readonly kid: string; readonly kty: string }[]
  }>
  /** How long records are kept; undefined: until the operator takes them out. */
  readonly keepDays: number | undefined
  readonly now: () => Date
}
