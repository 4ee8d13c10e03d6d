import { createCalendar } from './certificate/calendar.ts'
import {
  GENERATIONS,
  makeCertificateAuthority,
  type AuthorityOrder,
  type CertificateAuthority,
  type Generation,
} from './certificate/certificate-authority.ts'
import { PURPOSES, type Purpose } from './certificate/distinguished-names.ts'
import { toPem } from './certificate/to-pem.ts'
import { createIssuer, type IssueOrder, type IssuedCertificate } from './create-issuer.ts'
import { createKeyStore } from './key/create-key-store.ts'
import { createCrlPublisher, type CrlOrder } from './crl/create-crl-publisher.ts'
import type { Misbehaviours } from './misbehaviours.ts'
import { createOcspResponder } from './ocsp/create-ocsp-responder.ts'
import type { OcspMisbehaviour } from './ocsp/ocsp-misbehaviours.ts'
import { createOcspSigners } from './ocsp/create-ocsp-signers.ts'
import { createPersonaCards, type PersonaCard } from './persona/create-persona-cards.ts'
import { PERSONAS, type PersonaPlan } from './persona/personas.ts'
import { createCertificateRegistry, type CertificateRegistry, type RevocationReason } from './registry.ts'
import type { HttpAnswer } from './service/http-answer.ts'

/** A trust anchor as a verifier keeps it. */
export interface AnchorFile {
  /** File name, `virtual-authca03.pem`. */
  readonly name: string
  readonly pem: string
  readonly der: Buffer
}

export interface VirtualJpkiOptions {
  /** Same seed, same keys and serial numbers, everywhere. */
  readonly seed?: string
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
export interface VirtualJpki {
  /** The three generations of each purpose, the expired first one included. */
  readonly anchors: Readonly<Record<Purpose, readonly AnchorFile[]>>
  readonly personas: readonly Pick<PersonaPlan, 'name' | 'description' | 'expectedCode'>[]
  /** What `createVirtualCard` takes. @throws RangeError for a name that is no persona */
  readonly card: (persona: string) => Promise<PersonaCard>
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
  const { seed = 'sekisho', now, cacheDirectory, publicUrl = () => NOWHERE } = options
  const keys = createKeyStore({ seed, cacheDirectory })
  const calendar = createCalendar(now())
  const registry = createCertificateRegistry()
  const served: CertificateAuthority[] = []

  const makeAuthority = async (order: AuthorityOrder): Promise<CertificateAuthority> => {
    const made = await makeCertificateAuthority({ keys, calendar }, order)
    if (order.servedByOcsp === true) served.push(made)
    return made
  }
  const authorities = await Promise.all(
    PURPOSES.flatMap((purpose) =>
      GENERATIONS.map((generation) => makeAuthority({ name: `${purpose}-${generation}`, purpose, generation })),
    ),
  )
  served.push(...authorities)
  const authority = (purpose: Purpose, generation: Generation): CertificateAuthority => {
    const found = authorities.find(({ name }) => name === `${purpose}-${generation}`)
    if (found === undefined) throw new RangeError('no such CA generation')
    return found
  }

  const ocspUrl = (): string => `${publicUrl()}/ocsp`
  const issuer = createIssuer({ keys, calendar, registry, authority, ocspUrl })
  const cards = createPersonaCards({ keys, calendar, registry, authority, makeAuthority, ocspUrl })
  const signers = createOcspSigners({ keys, authority, makeAuthority, issuer })
  const responder = createOcspResponder({ authorities: served, registry, now, ...signers })
  const publisher = createCrlPublisher({ registry, now, authority, makeAuthority })
  let standing: Misbehaviours = {}
  const answerOcsp: VirtualJpki['answerOcsp'] = (requestDer, order) =>
    responder.answer(requestDer, order?.misbehaviour ?? standing.ocsp)
  const answerCrl: VirtualJpki['answerCrl'] = (order) =>
    publisher.answer(standing.crl === undefined ? order : { misbehaviour: standing.crl, ...order })

  return {
    anchors: {
      authentication: anchorFiles(authorities, 'authentication'),
      signature: anchorFiles(authorities, 'signature'),
    },
    personas: PERSONAS,
    card: cards.card,
    authority,
    makeCertificateAuthority: makeAuthority,
    issueAuthenticationCertificate: issuer.issueAuthenticationCertificate,
    issueSignatureCertificate: issuer.issueSignatureCertificate,
    registry,
    revoke(which, reason = 'keyCompromise', at = now()) {
      const entry = 'persona' in which ? cards.registered(which.persona) : which
      registry.setStatus(entry.authority, entry.serialNumber, { status: 'revoked', at, reason })
    },
    respondOcsp: async (requestDer, order) => (await answerOcsp(requestDer, order)).body,
    answerOcsp,
    crl: async (order) => (await answerCrl(order)).body,
    answerCrl,
    misbehave(orders) {
      standing = { ...orders }
    },
    get misbehaviours() {
      return standing
    },
  }
}

function anchorFiles(authorities: readonly CertificateAuthority[], purpose: Purpose): readonly AnchorFile[] {
  const prefix = purpose === 'authentication' ? 'virtual-authca0' : 'virtual-signca0'
  return authorities
    .filter((authority) => authority.purpose === purpose)
    .map(({ certificateDer }, index) => ({
      name: `${prefix}${index + 1}.pem`,
      pem: toPem('CERTIFICATE', certificateDer),
      der: certificateDer,
    }))
}
