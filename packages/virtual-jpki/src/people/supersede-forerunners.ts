import { PURPOSES } from '../certificate/distinguished-names.ts'
import type { CertificateRegistry, RegisteredCertificate } from '../registry.ts'
import type { Token } from './token.ts'

/** Revokes what a card replaced, and what that replaced, as far as it is good. A circle ends where it began. */
export function supersedeForerunners(registry: CertificateRegistry, card: Token, at: Date): void {
  for (const purpose of PURPOSES) {
    const { authority, serialNumber } = card[purpose]
    const seen = new Set<RegisteredCertificate['serialNumber']>()
    let newer = registry.find(authority, serialNumber)
    while (newer?.previous !== undefined && !seen.has(newer.serialNumber)) {
      seen.add(newer.serialNumber)
      const { relation } = newer.previous
      const older = registry.find(newer.previous.authority, newer.previous.serialNumber)
      if (older?.status.status === 'good' && !seen.has(older.serialNumber)) {
        const reason = relation === 'reissued' ? 'keyCompromise' : 'superseded'
        registry.setStatus(older.authority, older.serialNumber, { status: 'revoked', at, reason })
      }
      newer = older
    }
  }
}
