import type { KeyObject } from 'node:crypto'

import { endOfFifthBirthday, type Calendar } from '../certificate/calendar.ts'
import type { AuthorityOrder, CertificateAuthority, Generation } from '../certificate/certificate-authority.ts'
import type { Purpose } from '../certificate/distinguished-names.ts'
import { makeAuthenticationLeaf, makeSignatureLeaf } from '../certificate/make-leaf.ts'
import { drawSerialNumber } from '../create-issuer.ts'
import type { KeyStore } from '../key/create-key-store.ts'
import type { CertificateRegistry, RegisteredCertificate } from '../registry.ts'
import { AUTHENTICATION_PIN, PERSONAS, SIGNATURE_PASSWORD, type PersonaPlan } from './personas.ts'

/** One key of a card with what belongs to it. */
export interface PersonaCardSlot {
  readonly certificateDer: Buffer
  readonly privateKey: KeyObject
  readonly caCertificateDer: Buffer
  readonly pin: string
  readonly triesLeft: number
}

export interface PersonaCard {
  readonly authentication: PersonaCardSlot
  readonly signature: PersonaCardSlot
}

export interface PersonaCards {
  readonly card: (persona: string) => Promise<PersonaCard>
  /** The certificate in the authentication slot. @throws RangeError */
  readonly registered: (persona: string) => RegisteredCertificate
}

export interface PersonaCardsDeps {
  readonly keys: KeyStore
  readonly calendar: Calendar
  readonly registry: CertificateRegistry
  readonly ocspUrl: () => string
  authority(purpose: Purpose, generation: Generation): CertificateAuthority
  makeAuthority(order: AuthorityOrder): Promise<CertificateAuthority>
}

const SIGNATURE_TRIES = 5

/**
 * The cards of the personas. Their serial numbers are in the registry from the start, so that OCSP knows a persona whose card
 * was made by an earlier process; keys and certificates are made when a card is first asked for.
 */
export function createPersonaCards(deps: PersonaCardsDeps): PersonaCards {
  const { keys, calendar, registry, ocspUrl } = deps
  const made = new Map<string, Promise<PersonaCard>>()
  const registered = new Map<string, RegisteredCertificate>()
  const entryOf = (purpose: Purpose, name: string): RegisteredCertificate => {
    const entry = registered.get(`${purpose} ${name}`)
    if (entry === undefined) throw new RangeError(`no persona is called ${JSON.stringify(name)}`)
    return entry
  }

  for (const plan of PERSONAS) {
    for (const purpose of ['authentication', 'signature'] as const) {
      const entry: RegisteredCertificate = {
        authority: `${purpose}-${plan.generation}`,
        serialNumber: drawSerialNumber(keys, registry, purpose, `persona ${plan.name}`),
        holder: plan.name,
        status: plan.revoked
          ? { status: 'revoked', at: calendar.date(...plan.revoked.at), reason: plan.revoked.reason }
          : { status: 'good' },
      }
      registered.set(`${purpose} ${plan.name}`, entry)
      registry.register(entry)
    }
  }

  const makeSlot = async (purpose: Purpose, plan: PersonaPlan): Promise<Omit<PersonaCardSlot, 'pin' | 'triesLeft'>> => {
    const entry = entryOf(purpose, plan.name)
    const authority =
      plan.generation === 'stranger'
        ? await deps.makeAuthority({ name: entry.authority, purpose })
        : deps.authority(purpose, plan.generation)
    const notBefore = calendar.date(...plan.issued)
    const order = {
      authority,
      label: `${purpose} persona ${plan.name}`,
      serialNumber: entry.serialNumber,
      notBefore,
      notAfter: endOfFifthBirthday(notBefore, plan.birthday),
      ocspUrl: ocspUrl(),
    }
    const leaf =
      purpose === 'authentication'
        ? await makeAuthenticationLeaf(keys, order)
        : await makeSignatureLeaf(keys, { ...order, holder: plan.holder })
    return { ...leaf, caCertificateDer: authority.certificateDer }
  }

  const makeCard = async (plan: PersonaPlan): Promise<PersonaCard> => {
    const [authentication, signature] = await Promise.all([
      makeSlot(plan.inAuthenticationSlot, plan),
      makeSlot('signature', plan),
    ])
    return {
      authentication: { ...authentication, pin: AUTHENTICATION_PIN, triesLeft: plan.triesLeft },
      signature: { ...signature, pin: SIGNATURE_PASSWORD, triesLeft: SIGNATURE_TRIES },
    }
  }

  return {
    async card(persona) {
      const plan = planOf(persona)
      const making = made.get(persona) ?? makeCard(plan)
      made.set(persona, making)
      making.catch(() => made.delete(persona))
      return making
    },
    registered: (persona) => entryOf(planOf(persona).inAuthenticationSlot, persona),
  }
}

function planOf(persona: string): PersonaPlan {
  const plan = PERSONAS.find(({ name }) => name === persona)
  if (plan === undefined) throw new RangeError(`no persona is called ${JSON.stringify(persona)}`)
  return plan
}
