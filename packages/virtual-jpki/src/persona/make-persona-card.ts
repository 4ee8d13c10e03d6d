import type { KeyObject } from 'node:crypto'

import type { CertificateAuthority } from '../certificate/certificate-authority.ts'
import { makeAuthenticationLeaf, makeSignatureLeaf } from '../certificate/make-leaf.ts'
import type { KeyStore } from '../key/create-key-store.ts'
import type { PlannedCertificate, Token } from '../people/token.ts'
import { AUTHENTICATION_PIN, SIGNATURE_PASSWORD } from './persona-plan.ts'

/** One key of a card with what belongs to it. */
export interface PersonaCardSlot {
  readonly certificateDer: Buffer
  readonly privateKey: KeyObject
  readonly caCertificateDer: Buffer
  readonly pin: string
  readonly triesLeft: number
}

export interface PersonaCard {
  /** What the token says it is; the phone shows its certificate only after the PIN (jpki.md §3). */
  readonly label: 'JPKIAPICCTOKEN2' | 'JPKIAPGPSETOKEN'
  readonly authentication: PersonaCardSlot
  readonly signature: PersonaCardSlot
}

export interface PersonaCardDeps {
  readonly keys: KeyStore
  readonly ocspUrl: () => string
  /** By its name, also a stranger. */
  authorityNamed(name: string): Promise<CertificateAuthority>
}

const SIGNATURE_TRIES = 5

/** Makes keys and certificates of what was issued: the same ones each time. */
export async function makePersonaCard(deps: PersonaCardDeps, token: Token): Promise<PersonaCard> {
  const makeSlot = async (planned: PlannedCertificate): Promise<Omit<PersonaCardSlot, 'pin' | 'triesLeft'>> => {
    const authority = await deps.authorityNamed(planned.authority)
    const order = { ...planned, authority, ocspUrl: deps.ocspUrl(), medium: token.medium }
    const leaf =
      planned.purpose === 'authentication'
        ? await makeAuthenticationLeaf(deps.keys, order)
        : await makeSignatureLeaf(deps.keys, { ...order, holder: token.holder })
    return { ...leaf, caCertificateDer: authority.certificateDer }
  }
  const [authentication, signature] = await Promise.all([
    makeSlot(token[token.inAuthenticationSlot]),
    makeSlot(token.signature),
  ])
  return {
    label: token.medium === 'card' ? 'JPKIAPICCTOKEN2' : 'JPKIAPGPSETOKEN',
    authentication: { ...authentication, pin: AUTHENTICATION_PIN, triesLeft: token.triesLeft },
    signature: { ...signature, pin: SIGNATURE_PASSWORD, triesLeft: SIGNATURE_TRIES },
  }
}
