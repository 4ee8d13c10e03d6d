import type { KeyObject } from 'node:crypto'

import { endOfFifthBirthday, type Calendar } from './certificate/calendar.ts'
import type { CertificateAuthority, Generation } from './certificate/certificate-authority.ts'
import type { CertificateOverrides } from './certificate/certificate-overrides.ts'
import type { Purpose } from './certificate/distinguished-names.ts'
import { makeAuthenticationLeaf, makeSignatureLeaf, type Holder } from './certificate/make-leaf.ts'
import { serialNumberFor } from './certificate/serial-number.ts'
import type { KeyStore } from './key/create-key-store.ts'
import type { LinkageMisbehaviour } from './linkage/linkage-misbehaviours.ts'
import type { CertificateRegistry, IssuedStatus, RegisteredCertificate } from './registry.ts'

/** What a test may order. Empty: one more valid certificate of the newest CA. */
export interface IssueOrder {
  /** Names key and code within the seed: the same label gives the same key again. */
  readonly label?: string
  /** One of the three generations, or any CA made with `makeCertificateAuthority`. */
  readonly authority?: Generation | CertificateAuthority
  readonly status?: IssuedStatus
  /** What a linkage service will say came before. */
  readonly previous?: RegisteredCertificate['previous']
  /** Whose it is, in the eyes of a linkage service; the label when left out. */
  readonly person?: string
  /** How every linkage question about it goes wrong. */
  readonly linkage?: LinkageMisbehaviour
  readonly holder?: Holder
  readonly overrides?: CertificateOverrides
}

export interface IssuedCertificate {
  /** Name of the CA, and with the serial number the key into the registry. */
  readonly authority: string
  readonly serialNumber: bigint
  readonly certificateDer: Buffer
  readonly privateKey: KeyObject
  readonly caCertificateDer: Buffer
}

export interface IssuerDeps {
  readonly keys: KeyStore
  readonly calendar: Calendar
  readonly registry: CertificateRegistry
  readonly ocspUrl: () => string
  authority(purpose: Purpose, generation: Generation): CertificateAuthority
}

export interface Issuer {
  readonly issueAuthenticationCertificate: (order?: IssueOrder) => Promise<IssuedCertificate>
  readonly issueSignatureCertificate: (order?: IssueOrder) => Promise<IssuedCertificate>
}

const SOMEBODY: Holder = {
  name: '関所　一般',
  sex: '3',
  birthDate: '320000909',
  address: '架空県関所市本町二丁目２番２号',
}

/** Issues certificates beyond those of the personas, and enters them in the registry. */
export function createIssuer(deps: IssuerDeps): Issuer {
  const { keys, calendar, registry, ocspUrl } = deps
  let issued = 0

  const issue = async (purpose: Purpose, order: IssueOrder): Promise<IssuedCertificate> => {
    issued += 1
    const { label = `unnamed ${issued}`, authority: ordered = 3, holder = SOMEBODY, overrides } = order
    const authority = typeof ordered === 'number' ? deps.authority(purpose, ordered) : ordered
    const notBefore = calendar.date(-1, '05-05T05:05:05')
    const serialNumber = overrides?.serialNumber ?? drawSerialNumber(keys, registry, purpose, label)
    registry.register({
      authority: authority.name,
      serialNumber,
      holder: label,
      person: order.person,
      previous: order.previous,
      linkage: order.linkage,
      status: order.status ?? { status: 'good' },
    })
    const leafOrder = {
      authority,
      label: `${purpose} ${label}`,
      serialNumber,
      notBefore,
      notAfter: endOfFifthBirthday(notBefore, { month: 9, day: 9 }),
      ocspUrl: ocspUrl(),
      overrides,
    }
    const leaf =
      purpose === 'authentication'
        ? await makeAuthenticationLeaf(keys, leafOrder)
        : await makeSignatureLeaf(keys, { ...leafOrder, holder })
    return { authority: authority.name, serialNumber, ...leaf, caCertificateDer: authority.certificateDer }
  }

  return {
    issueAuthenticationCertificate: (order = {}) => issue('authentication', order),
    issueSignatureCertificate: (order = {}) => issue('signature', order),
  }
}

/**
 * A number that no CA has used: the generations share a name, and issuer name and serial number together must name one
 * certificate (RFC 5280 §4.1.2.2).
 */
export function drawSerialNumber(
  keys: KeyStore,
  registry: CertificateRegistry,
  purpose: Purpose,
  label: string,
): bigint {
  for (let attempt = 0; ; attempt += 1) {
    const drawn = serialNumberFor(keys, `${purpose} ${label}`, attempt)
    if (!registry.isTaken(drawn)) return drawn
  }
}
