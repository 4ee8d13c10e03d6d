import { OID } from '../x509/oids.ts'
import type { CertificateProfile, KeyRule } from './certificate-profile.ts'
import { RSA_2048 } from './key-rules.ts'

/** Policy of the user-authentication certificate on the card (jpki.md §2.3). */
export const POLICY_CARD_AUTHENTICATION = '1.2.392.200149.8.5.1.3.30'

/** Policy of the signature certificate on the card (jpki.md §2.4). */
export const POLICY_CARD_SIGNATURE = '1.2.392.200149.8.5.1.1.20'

/** The measured certificate is 1.6 kB; the wire format carries at most 6 kB (protocol.md "Response"). */
const MAX_BYTES = 4096

const PROCESSED_EXTENSIONS = [OID.keyUsage, OID.basicConstraints, OID.extendedKeyUsage, OID.certificatePolicies]

export interface JpkiProfileOptions {
  /** Policies of certificates on phones, accepted beside the card's. None is known for sure (jpki.md §3), so none is built in. */
  readonly phonePolicies?: readonly string[]
  /** Keys accepted beside RSA-2048: `EC_P384` is the entry for the next card. */
  readonly additionalKeys?: readonly KeyRule[]
}

/** What may log in: the user-authentication certificate (利用者証明用電子証明書). */
export function jpkiAuthenticationProfile(options: JpkiProfileOptions = {}): CertificateProfile {
  const phonePolicies = options.phonePolicies ?? []
  return {
    name: 'jpki-authentication',
    purpose: 'authentication',
    maxBytes: MAX_BYTES,
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: [OID.clientAuth],
    acceptedPolicies: [POLICY_CARD_AUTHENTICATION, ...phonePolicies],
    phonePolicies,
    otherPurposePolicies: [POLICY_CARD_SIGNATURE],
    processedExtensions: PROCESSED_EXTENSIONS,
    // the code is 23 characters today; nothing is read out of it (jpki.md §2.3, §9.6)
    subject: [
      { type: OID.countryName, value: 'JP', maxOctets: 2 },
      { type: OID.commonName, maxOctets: 64 },
    ],
    keys: [RSA_2048, ...(options.additionalKeys ?? [])],
    signatureAlgorithms: signatureAlgorithmsFor(options.additionalKeys ?? []),
  }
}

/** The signature certificate (署名用電子証明書): judged by `certificate check`, never accepted for log-in. */
export function jpkiSignatureProfile(options: Pick<JpkiProfileOptions, 'additionalKeys'> = {}): CertificateProfile {
  return {
    ...jpkiAuthenticationProfile(options),
    name: 'jpki-signature',
    purpose: 'signature',
    keyUsage: ['digitalSignature', 'nonRepudiation'],
    extendedKeyUsage: undefined,
    acceptedPolicies: [POLICY_CARD_SIGNATURE],
    otherPurposePolicies: [POLICY_CARD_AUTHENTICATION],
    subject: [
      { type: OID.countryName, value: 'JP', maxOctets: 2 },
      { type: OID.localityName, maxOctets: 384 },
      { type: OID.localityName, maxOctets: 384 },
      { type: OID.commonName, maxOctets: 64 },
    ],
  }
}

function signatureAlgorithmsFor(keys: readonly KeyRule[]): CertificateProfile['signatureAlgorithms'] {
  return keys.some(({ type }) => type === 'ec') ? ['rsa-sha256', 'ecdsa-sha384'] : ['rsa-sha256']
}
