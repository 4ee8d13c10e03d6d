import { createCalendar } from './certificate/calendar.ts'
import type { AuthorityOrder, CertificateAuthority, Generation } from './certificate/certificate-authority.ts'
import type { Purpose } from './certificate/distinguished-names.ts'
import { createMovingClock, type MovingClock } from './clock/create-moving-clock.ts'
import { createAuthorities, type AnchorFile } from './create-authorities.ts'
import { createIssuer, type IssueOrder, type IssuedCertificate } from './create-issuer.ts'
import { createCrlPublisher, type CrlOrder } from './crl/create-crl-publisher.ts'
import { createKeyStore } from './key/create-key-store.ts'
import { createAccessTokens } from './linkage/create-access-tokens.ts'
import { createLinkageDesk, type LinkageDesk } from './linkage/create-linkage-desk.ts'
import { createLinkageService } from './linkage/create-linkage-service.ts'
import type { Misbehaviours } from './misbehaviours.ts'
import { createOcspResponder } from './ocsp/create-ocsp-responder.ts'
import { createOcspSigners } from './ocsp/create-ocsp-signers.ts'
import type { OcspMisbehaviour } from './ocsp/ocsp-misbehaviours.ts'
import { createPeople, type People } from './people/create-people.ts'
import type { LifeEvent, LifeEventOrder } from './people/life-event.ts'
import type { Token } from './people/token.ts'
import { viewPeople, type ResidentView } from './people/view-people.ts'
import { makePersonaCard, type PersonaCard } from './persona/make-persona-card.ts'
import type { PersonaPlan } from './persona/persona-plan.ts'
import { PERSONAS } from './persona/personas.ts'
import { createCertificateRegistry, type CertificateRegistry, type RevocationReason } from './registry.ts'
import type { HttpAnswer } from './service/http-answer.ts'

export interface VirtualJpkiOptions {
  /** Same seed, same keys and serial numbers, everywhere. */
  readonly seed?: string
  /** What `clock` runs on top of. */
  readonly now: () => Date
  /** Where generated keys are kept (0600 in 0700); without it they are made anew in each process. */
  readonly cacheDirectory?: string
  /** Address of `serveVirtualJpki`, asked when a certificate is issued: its OCSP URL points there. */
  readonly publicUrl?: () => string
}

export interface OcspOrder {
  readonly misbehaviour?: OcspMisbehaviour
}

/** A national PKI in software. Everything it makes is worthless outside of tests and demonstrations. */
export interface VirtualJpki extends LinkageDesk {
  /** The generations of each purpose as they stand: three, the expired first one included, and those that a moved clock has brought. */
  readonly anchors: Readonly<Record<Purpose, readonly AnchorFile[]>>
  readonly personas: readonly Pick<PersonaPlan, 'name' | 'description' | 'expectedCode'>[]
  /**
   * What `createVirtualCard` takes: the card this persona has now, the same object until an event gives a new one. From now on
   * what it replaced is revoked.
   *
   * @throws RangeError for a name that is no persona
   */
  readonly card: (persona: string) => Promise<PersonaCard>
  /** The phone with its own keys and certificates, after the event `phone`. @throws RangeError for who has none */
  readonly phone: (persona: string) => Promise<PersonaCard>
  /** The time of everything here. A provider that is to agree with it takes `clock.now`. */
  readonly clock: MovingClock
  /** Something happens to a persona. @throws LifeEventRefused when it cannot; then nothing has */
  readonly event: (order: LifeEventOrder) => Promise<LifeEvent>
  /** Called after each event. @returns ends it */
  readonly onEvent: People['onEvent']
  /** Everybody, with what they have and how it stands. */
  readonly people: () => readonly ResidentView[]
  readonly authority: (purpose: Purpose, generation: Generation) => CertificateAuthority
  /** A further CA: a stranger, a broken anchor, another algorithm. It is not among the anchors. */
  readonly makeCertificateAuthority: (order: AuthorityOrder) => Promise<CertificateAuthority>
  /** A further leaf, right or wrong in any way. */
  readonly issueAuthenticationCertificate: (order?: IssueOrder) => Promise<IssuedCertificate>
  readonly issueSignatureCertificate: (order?: IssueOrder) => Promise<IssuedCertificate>
  readonly registry: CertificateRegistry
  /** From now on OCSP and CRL say so. @throws RangeError for a certificate that is not in the registry */
  readonly revoke: (
    which: { readonly persona: string } | Pick<IssuedCertificate, 'authority' | 'serialNumber'>,
    reason?: RevocationReason,
    at?: Date,
  ) => void
  /** DER of an OCSPResponse: the body alone, as `answerOcsp` would send it. */
  readonly respondOcsp: (requestDer: Uint8Array, order?: OcspOrder) => Promise<Buffer>
  /** Status, headers, body and delay; never throws on bad input. An order for this one answer goes before the standing one. */
  readonly answerOcsp: (requestDer: Uint8Array, order?: OcspOrder) => Promise<HttpAnswer>
  /** DER of a CertificateList: the body alone, as `answerCrl` would send it. */
  readonly crl: (order?: CrlOrder) => Promise<Buffer>
  readonly answerCrl: (order?: CrlOrder) => Promise<HttpAnswer>
  /** Standing orders for every answer from now on; what is left out becomes well-behaved again. */
  readonly misbehave: (orders: Misbehaviours) => void
  readonly misbehaviours: Misbehaviours
}

/** A host that cannot exist (RFC 6761 §6.4): a certificate made without a server must not make anybody ask the real one. */
const NOWHERE = 'http://virtual-jpki.invalid'

/** Makes the six CAs; cards, delegates and other keys come into being when first asked for. */
export async function createVirtualJpki(options: VirtualJpkiOptions): Promise<VirtualJpki> {
  const { seed = 'sekisho', cacheDirectory, publicUrl = () => NOWHERE } = options
  const clock = createMovingClock(options.now)
  const { now } = clock
  const keys = createKeyStore({ seed, cacheDirectory })
  const calendar = createCalendar(now())
  const registry = createCertificateRegistry()
  const authorities = await createAuthorities({ keys, calendar })
  const { authority, makeAuthority, served } = authorities

  const ocspUrl = (): string => `${publicUrl()}/ocsp`
  const issuer = createIssuer({ keys, calendar, registry, authority, ocspUrl })
  const people = createPeople({ keys, calendar, registry, now, openGeneration: authorities.open }, PERSONAS)
  const signers = createOcspSigners({ keys, authority, makeAuthority, issuer })
  const responder = createOcspResponder({ authorities: served, registry, now, ...signers })
  const publisher = createCrlPublisher({ registry, now, authority, newest: authorities.newest, makeAuthority })
  let standing: Misbehaviours = {}
  const linkage = createLinkageDesk({
    service: createLinkageService({ authorities: served, registry, keys, now }),
    accessTokens: createAccessTokens({ keys, now }),
    standing: () => standing.linkage,
  })
  const answerOcsp: VirtualJpki['answerOcsp'] = (requestDer, order) =>
    responder.answer(requestDer, order?.misbehaviour ?? standing.ocsp)
  const answerCrl: VirtualJpki['answerCrl'] = (order) =>
    publisher.answer(standing.crl === undefined ? order : { misbehaviour: standing.crl, ...order })

  const cards = new WeakMap<Token, Promise<PersonaCard>>()
  const cardOf = (token: Token): Promise<PersonaCard> => {
    const making = cards.get(token) ?? makePersonaCard({ keys, ocspUrl, authorityNamed: authorities.named }, token)
    cards.set(token, making)
    making.catch(() => cards.delete(token))
    return making
  }

  return {
    get anchors() {
      return authorities.anchors()
    },
    personas: PERSONAS,
    card: async (persona) => cardOf(people.appear(persona).card),
    async phone(persona) {
      const { phone } = people.find(persona)
      if (phone === undefined) throw new RangeError(`${persona} has no certificates on a phone`)
      return cardOf(phone)
    },
    clock,
    event: people.happen,
    onEvent: people.onEvent,
    people: () => viewPeople(people, registry),
    authority,
    makeCertificateAuthority: makeAuthority,
    issueAuthenticationCertificate: issuer.issueAuthenticationCertificate,
    issueSignatureCertificate: issuer.issueSignatureCertificate,
    registry,
    revoke(which, reason = 'keyCompromise', at = now()) {
      const entry = 'persona' in which ? inAuthenticationSlot(people.find(which.persona).card) : which
      registry.setStatus(entry.authority, entry.serialNumber, { status: 'revoked', at, reason })
    },
    respondOcsp: async (requestDer, order) => (await answerOcsp(requestDer, order)).body,
    answerOcsp,
    crl: async (order) => (await answerCrl(order)).body,
    answerCrl,
    ...linkage,
    misbehave(orders) {
      standing = { ...orders }
    },
    get misbehaviours() {
      return standing
    },
  }
}

const inAuthenticationSlot = (card: Token): Token['authentication'] => card[card.inAuthenticationSlot]
