import type { MovingClock } from '../clock/create-moving-clock.ts'
import type { VirtualJpki } from '../create-virtual-jpki.ts'
import { serialHex } from '../linkage/linkage-messages.ts'
import type { CertificateView, TokenView } from '../people/view-people.ts'

/** `GET /control/people`: everybody, what they have, how it stands, and what time it is. */
export function writePeople(jpki: VirtualJpki): unknown {
  return {
    clock: writeClock(jpki.clock),
    people: jpki.people().map(({ persona, person, isAlive, card, phone }) => ({
      persona,
      person,
      alive: isAlive,
      card: writeToken(card),
      phone: phone === undefined ? null : writeToken(phone),
    })),
  }
}

export function writeClock(clock: MovingClock): { readonly now: Date; readonly offset_ms: number } {
  return { now: clock.now(), offset_ms: clock.offsetMs() }
}

const writeToken = ({ authentication, signature }: TokenView): unknown => ({
  authentication: writeCertificate(authentication),
  signature: writeCertificate(signature),
})

function writeCertificate({ authority, serialNumber, notBefore, notAfter, status }: CertificateView): unknown {
  return {
    authority,
    serial_number: serialHex(serialNumber),
    not_before: notBefore,
    not_after: notAfter,
    ...(status.status === 'good'
      ? { status: 'good' }
      : { status: 'revoked', revoked_at: status.at, reason: status.reason }),
  }
}
