import type { Calendar } from './certificate/calendar.ts'
import {
  GENERATIONS,
  makeCertificateAuthority,
  type AuthorityOrder,
  type CertificateAuthority,
  type Generation,
} from './certificate/certificate-authority.ts'
import { PURPOSES, type Purpose } from './certificate/distinguished-names.ts'
import { toPem } from './certificate/to-pem.ts'
import type { KeyStore } from './key/create-key-store.ts'

/** A trust anchor as a verifier keeps it. */
export interface AnchorFile {
  /** File name, `virtual-authca03.pem`. */
  readonly name: string
  readonly pem: string
  readonly der: Buffer
}

export interface Authorities {
  readonly authority: (purpose: Purpose, generation: Generation) => CertificateAuthority
  readonly newest: (purpose: Purpose) => CertificateAuthority
  /** Any CA of the nation, or a stranger of that name. */
  readonly named: (name: string) => Promise<CertificateAuthority>
  readonly makeAuthority: (order: AuthorityOrder) => Promise<CertificateAuthority>
  /** A generation that has come due: made, served and trusted from now on. */
  readonly open: (generation: Generation) => Promise<void>
  /** The CAs that OCSP and the linkage service answer for; it grows. */
  readonly served: readonly CertificateAuthority[]
  readonly anchors: () => Readonly<Record<Purpose, readonly AnchorFile[]>>
}

/** Makes the three generations of both purposes. */
export async function createAuthorities(deps: {
  readonly keys: KeyStore
  readonly calendar: Calendar
}): Promise<Authorities> {
  const national: CertificateAuthority[] = []
  const served: CertificateAuthority[] = []
  const opening = new Map<Generation, Promise<void>>()

  const makeAuthority = async (order: AuthorityOrder): Promise<CertificateAuthority> => {
    const made = await makeCertificateAuthority(deps, order)
    if (order.servedByOcsp === true) served.push(made)
    return made
  }
  const openAnew = async (generation: Generation): Promise<void> => {
    const made = await Promise.all(
      PURPOSES.map((purpose) => makeAuthority({ name: `${purpose}-${generation}`, purpose, generation })),
    )
    national.push(...made)
    served.push(...made)
  }
  const open = (generation: Generation): Promise<void> => {
    const under = opening.get(generation) ?? openAnew(generation)
    opening.set(generation, under)
    under.catch(() => opening.delete(generation))
    return under
  }
  for (const generation of GENERATIONS) await open(generation)

  const ofPurpose = (purpose: Purpose): readonly CertificateAuthority[] =>
    national.filter((authority) => authority.purpose === purpose)
  const found = (authority: CertificateAuthority | undefined): CertificateAuthority => {
    if (authority === undefined) throw new RangeError('no such CA generation')
    return authority
  }

  return {
    authority: (purpose, generation) => found(national.find(({ name }) => name === `${purpose}-${generation}`)),
    newest: (purpose) => found(ofPurpose(purpose).at(-1)),
    async named(name) {
      const purpose = PURPOSES.find((known) => name.startsWith(`${known}-`)) ?? 'authentication'
      return national.find((authority) => authority.name === name) ?? makeAuthority({ name, purpose })
    },
    makeAuthority,
    open,
    served,
    anchors: () => ({
      authentication: anchorFiles('virtual-authca', ofPurpose('authentication')),
      signature: anchorFiles('virtual-signca', ofPurpose('signature')),
    }),
  }
}

function anchorFiles(prefix: string, authorities: readonly CertificateAuthority[]): readonly AnchorFile[] {
  return authorities.map(({ name, certificateDer }) => ({
    name: `${prefix}${name.replace(/^\D+/, '').padStart(2, '0')}.pem`,
    pem: toPem('CERTIFICATE', certificateDer),
    der: certificateDer,
  }))
}
