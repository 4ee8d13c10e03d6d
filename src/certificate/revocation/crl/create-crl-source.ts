import type { RevocationAnswer, RevocationQuestion, RevocationSource, SourceStatus } from '../revocation-source.ts'
import type { AcceptedCrl } from './accept-crl.ts'
import type { CrlShelf } from './crl-shelf.ts'
import { scopeCovers } from './crl-scope.ts'
import { findEntry } from './index-crl.ts'

export interface CrlSourceDependencies {
  readonly name: string
  readonly shelf: Pick<CrlShelf, 'listsOf' | 'fault'>
  readonly now: () => Date
  /** How far the issuer's clock may be from ours. */
  readonly skewMs?: number
}

const DEFAULT_SKEW_MS = 60_000

/** Lists that were loaded beforehand, as a source of revocation. Nothing is waited for. @see RFC 5280 §6.3.3 */
export function createCrlSource({
  name,
  shelf,
  now,
  skewMs = DEFAULT_SKEW_MS,
}: CrlSourceDependencies): RevocationSource {
  return {
    method: 'crl',
    name,
    async check(question): Promise<RevocationAnswer> {
      const nowMs = now().getTime()
      const origin = { method: 'crl', source: name } as const
      const lists = shelf.listsOf(question.issuer.keyIdHex)
      const list = newestOf(
        lists.filter(({ scope }) => scopeCovers(scope, question.certificate.known.distributionPoints)),
      )
      if (list === undefined) {
        const cause = shelf.fault ?? (lists.length === 0 ? 'crl-missing' : 'crl-wrong-scope')
        return { status: 'unavailable', cause, ...origin, checkedAt: new Date(nowMs) }
      }
      const validUntil = new Date(list.nextUpdate)
      return { ...statusIn(list, question, nowMs, skewMs), ...origin, checkedAt: new Date(list.thisUpdate), validUntil }
    },
  }
}

function statusIn(list: AcceptedCrl, { certificate }: RevocationQuestion, nowMs: number, skewMs: number): SourceStatus {
  if (list.thisUpdate > nowMs + skewMs) return { status: 'unavailable', cause: 'crl-from-the-future' }
  const entry = findEntry(list.der, list.slots, certificate.serialNumber)
  // an old list cannot say that a certificate is good, but what it says was revoked was revoked
  if (entry !== undefined) return { status: 'revoked', at: entry.at, reason: entry.reason }
  if (list.nextUpdate < nowMs) return { status: 'unavailable', cause: 'crl-expired' }
  return { status: 'good' }
}

function newestOf(lists: readonly AcceptedCrl[]): AcceptedCrl | undefined {
  return lists.reduce<AcceptedCrl | undefined>(
    (newest, list) => (newest === undefined || list.thisUpdate > newest.thisUpdate ? list : newest),
    undefined,
  )
}
