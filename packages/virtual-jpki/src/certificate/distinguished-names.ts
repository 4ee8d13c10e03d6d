import { x509 } from './x509.ts'

export const PURPOSES = ['authentication', 'signature'] as const
export type Purpose = (typeof PURPOSES)[number]

const PURPOSE_UNIT = {
  authentication: 'JPKI for user authentication',
  signature: 'JPKI for digital signature',
} as const

/** The fictional town whose office issues every virtual card: no prefecture has the number 99. */
export const MUNICIPALITY = { code: '99001', prefecture: 'Kakuu-ken', town: 'Sekisho-shi' } as const

/** One attribute of a distinguished name; all attributes but the country are UTF8String (jpki.md §2.1). */
export type NameAttribute = readonly [type: 'C' | 'O' | 'OU' | 'L' | 'CN', value: string]

/** DER of a Name with one attribute in each relative distinguished name. */
export function encodeName(attributes: readonly NameAttribute[]): Buffer {
  const parts = attributes.map(([type, value]) => ({
    [type]: [type === 'C' ? { printableString: value } : { utf8String: value }],
  }))
  return Buffer.from(new x509.Name(parts).toArrayBuffer())
}

/**
 * The one name that all CA generations of a purpose share. Where the real one says `O=JPKI` and the agency's name, this says
 * `O=JPKI-VIRTUAL` and an agency that does not exist: nobody shall take one for the other.
 */
export const caNameAttributes = (purpose: Purpose): readonly NameAttribute[] => [
  ['C', 'JP'],
  ['O', 'JPKI-VIRTUAL'],
  ['OU', PURPOSE_UNIT[purpose]],
  ['OU', 'Virtual Agency for Local Authority Information Systems'],
]

/**
 * SAN of a CA and issuerAltName of what it issues. jpki.md §2.1 shortens it (openssl cuts the print-out at 256 octets);
 * the bytes of the real CA certificates hold these four attributes.
 */
export const caAlternativeNameAttributes = (purpose: Purpose): readonly NameAttribute[] => [
  ['C', 'JP'],
  ['O', '公的個人認証サービス'],
  ['OU', purpose === 'authentication' ? '公的個人認証サービス利用者証明用' : '公的個人認証サービス署名用'],
  ['OU', '地方公共団体情報システム機構'],
]

/** The CRL distribution point of a leaf: a directory name for each municipality, never a URL (jpki.md §2.3). */
export const crlDistributionPointAttributes = (purpose: Purpose): readonly NameAttribute[] => [
  ['C', 'JP'],
  ['O', 'JPKI-VIRTUAL'],
  ['OU', PURPOSE_UNIT[purpose]],
  ['OU', 'CRL Distribution Points'],
  ['OU', MUNICIPALITY.prefecture],
  ['CN', `${MUNICIPALITY.town} CRLDP`],
]

export const ocspResponderNameAttributes = (purpose: Purpose): readonly NameAttribute[] => [
  ['C', 'JP'],
  ['O', 'JPKI-VIRTUAL'],
  ['OU', PURPOSE_UNIT[purpose]],
  ['CN', 'OCSP Responder'],
]
