import { PURPOSES, type Purpose } from '../certificate/distinguished-names.ts'
import type { CertificateRegistry, IssuedStatus } from '../registry.ts'
import type { People } from './create-people.ts'
import type { PlannedCertificate, Token } from './token.ts'

export type CertificateView = Pick<PlannedCertificate, 'authority' | 'serialNumber' | 'notBefore' | 'notAfter'> & {
  readonly status: IssuedStatus
}
export type TokenView = Readonly<Record<Purpose, CertificateView>>

/** What somebody has, and how it stands. */
export interface ResidentView {
  readonly persona: string
  /** The same for two personas that are one person. */
  readonly person: string
  readonly isAlive: boolean
  readonly card: TokenView
  readonly phone: TokenView | undefined
}

export function viewPeople(people: People, registry: CertificateRegistry): readonly ResidentView[] {
  const viewCertificate = ({ authority, serialNumber, notBefore, notAfter }: PlannedCertificate): CertificateView => {
    const status = registry.find(authority, serialNumber)?.status ?? { status: 'good' }
    return { authority, serialNumber, notBefore, notAfter, status }
  }
  const viewToken = (token: Token): TokenView =>
    Object.fromEntries(PURPOSES.map((purpose) => [purpose, viewCertificate(token[purpose])])) as TokenView
  return people.list().map(({ persona, person, card, phone }) => ({
    persona,
    person,
    isAlive: people.isAlive(person),
    card: viewToken(card),
    phone: phone && viewToken(phone),
  }))
}
