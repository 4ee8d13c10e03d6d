import { assembleWithOverrides, type CertificateOverrides } from '../certificate/certificate-overrides.ts'
import type { CertificateAuthority } from '../certificate/certificate-authority.ts'
import { encodeName, ocspResponderNameAttributes } from '../certificate/distinguished-names.ts'
import {
  authorityKeyIdentifierOfKey,
  extendedKeyUsage,
  keyUsage,
  ocspNoCheck,
  subjectKeyIdentifier,
} from '../certificate/extensions.ts'
import { OID } from '../certificate/object-identifiers.ts'
import { keyIdOf, publicKeyDerOf } from '../certificate/public-key.ts'
import { serialNumberFor } from '../certificate/serial-number.ts'
import type { KeyStore } from '../key/create-key-store.ts'
import type { OcspSigner } from './build-ocsp-response.ts'

/**
 * A certificate by which a CA delegates OCSP (RFC 6960 §4.2.2.2): id-kp-OCSPSigning, and nocheck because it lives only for weeks.
 * Valid from the first of last month to the end of next month, so that it is the same one all month.
 */
export async function makeOcspSigner(
  keys: KeyStore,
  authority: CertificateAuthority,
  at: Date,
  overrides: CertificateOverrides = {},
): Promise<OcspSigner> {
  const label = `ocsp ${authority.name}`
  const privateKey = await keys.key(label)
  const publicKeyDer = publicKeyDerOf(privateKey)
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()]
  const plan = {
    version: 3,
    serialNumber: serialNumberFor(keys, `${label} ${year}-${month}`, 0),
    issuerNameDer: authority.nameDer,
    subjectNameDer: encodeName(ocspResponderNameAttributes(authority.purpose)),
    notBefore: new Date(Date.UTC(year, month - 1, 1)),
    notAfter: new Date(Date.UTC(year, month + 2, 0, 14, 59, 59)),
    timeEncoding: 'rfc5280',
    publicKeyDer,
    extensions: [
      keyUsage(['digitalSignature']),
      extendedKeyUsage([OID.ocspSigning]),
      ocspNoCheck(),
      authorityKeyIdentifierOfKey(authority.keyId),
      subjectKeyIdentifier(keyIdOf(publicKeyDer)),
    ],
  } as const
  return { privateKey, certificateDer: assembleWithOverrides(plan, authority.privateKey, overrides) }
}
