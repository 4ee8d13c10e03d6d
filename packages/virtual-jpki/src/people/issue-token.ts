import { endOfFifthBirthday, type Birthday } from '../certificate/calendar.ts'
import { PURPOSES, type Purpose } from '../certificate/distinguished-names.ts'
import type { Holder } from '../certificate/make-leaf.ts'
import { drawSerialNumber } from '../create-issuer.ts'
import type { KeyStore } from '../key/create-key-store.ts'
import type { CertificateRegistry, IssuedStatus, Medium, RegisteredCertificate, Relation } from '../registry.ts'
import type { PlannedCertificate, Token } from './token.ts'

export interface TokenOrder {
  readonly persona: string
  readonly person: string
  readonly medium: Medium
  /** Names keys and numbers within the seed. */
  readonly label: string
  /** `3`, or the name of a stranger. */
  readonly generation: number | string
  readonly notBefore: Date
  readonly birthday: Birthday
  readonly holder: Holder
  readonly replaces?: { readonly token: Token; readonly relation: Relation } | undefined
  readonly status?: IssuedStatus
  readonly linkage?: RegisteredCertificate['linkage']
  readonly inAuthenticationSlot?: Purpose
  readonly triesLeft?: number
}

/** Draws the numbers and enters both certificates in the registry; keys and bytes are made when somebody asks for them. */
export function issueToken(
  deps: { readonly keys: KeyStore; readonly registry: CertificateRegistry },
  order: TokenOrder,
): Token {
  const notAfter = endOfFifthBirthday(order.notBefore, order.birthday)
  const issue = (purpose: Purpose): PlannedCertificate => {
    const authority = `${purpose}-${order.generation}`
    const serialNumber = drawSerialNumber(deps.keys, deps.registry, purpose, order.label)
    deps.registry.register({
      authority,
      serialNumber,
      holder: order.persona,
      person: order.person,
      medium: order.medium,
      previous: order.replaces && nameReplaced(order.replaces, purpose),
      linkage: order.linkage,
      status: order.status ?? { status: 'good' },
    })
    const label = `${purpose} ${order.label}`
    return { purpose, authority, serialNumber, label, notBefore: order.notBefore, notAfter }
  }
  const [authentication, signature] = PURPOSES.map((purpose) => issue(purpose)) as [
    PlannedCertificate,
    PlannedCertificate,
  ]
  return {
    medium: order.medium,
    authentication,
    signature,
    inAuthenticationSlot: order.inAuthenticationSlot ?? 'authentication',
    triesLeft: order.triesLeft ?? 3,
    holder: order.holder,
  }
}

function nameReplaced(
  { token, relation }: NonNullable<TokenOrder['replaces']>,
  purpose: Purpose,
): NonNullable<RegisteredCertificate['previous']> {
  const { authority, serialNumber } = token[purpose]
  return { authority, serialNumber, relation }
}
