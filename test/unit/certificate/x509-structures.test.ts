import { describe, expect, test } from 'vitest'
import { DerFault } from '../../../src/certificate/der/der-fault.ts'
import { DerReader } from '../../../src/certificate/der/der-reader.ts'
import { decodeBasicConstraints } from '../../../src/certificate/x509/basic-constraints.ts'
import { decodeCertificatePolicies } from '../../../src/certificate/x509/certificate-policies.ts'
import { decodeCrlDistributionPoints } from '../../../src/certificate/x509/crl-distribution-points.ts'
import { decodeExtendedKeyUsage } from '../../../src/certificate/x509/extended-key-usage.ts'
import {
  decodeAuthorityKeyIdentifier,
  decodeSubjectKeyIdentifier,
} from '../../../src/certificate/x509/key-identifiers.ts'
import { checkInformationAccess } from '../../../src/certificate/x509/information-access.ts'
import { decodeKeyUsage } from '../../../src/certificate/x509/key-usage.ts'
import { readExtensions } from '../../../src/certificate/x509/read-extensions.ts'
import { readGeneralNames } from '../../../src/certificate/x509/read-general-names.ts'
import { readName, textOf } from '../../../src/certificate/x509/read-name.ts'
import { readPublicKey } from '../../../src/certificate/x509/read-public-key.ts'

const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex')
const text = (value: string): string => Buffer.from(value, 'utf8').toString('hex')

/** TLV in hexadecimal around hexadecimal. */
const tlv = (tag: string, ...parts: readonly string[]): string => {
  const content = parts.join('').replaceAll(' ', '')
  const length = content.length / 2
  const octets = length < 0x80 ? length.toString(16).padStart(2, '0') : `82${length.toString(16).padStart(4, '0')}`
  return `${tag}${octets}${content}`
}

/** The fault an act ends in; an act without one fails the test. */
function faultOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof DerFault) return error.reason
    throw error
  }
  return 'no fault'
}

const CN = tlv('06', '550403')
const attribute = (type: string, tag: string, value: string): string => tlv('30', type, tlv(tag, value))

describe('names', () => {
  const name = (...sets: readonly string[]) => readName(new DerReader(hex(tlv('30', ...sets))))

  test.each([
    ['an empty set', tlv('31'), 'empty-sequence'],
    ['an attribute without a value', tlv('31', tlv('30', CN)), 'truncated'],
    ['an attribute with two values', tlv('31', tlv('30', CN, tlv('0c', '61'), tlv('0c', '62'))), 'trailing-bytes'],
    ['UTF-8 that is none', tlv('31', attribute(CN, '0c', 'c3 28')), 'bad-string'],
    ['UTF-8 in too many octets', tlv('31', attribute(CN, '0c', 'c0 af')), 'bad-string'],
    ['a surrogate in UTF-8', tlv('31', attribute(CN, '0c', 'ed a0 80')), 'bad-string'],
    ['an at sign in a PrintableString', tlv('31', attribute(CN, '13', text('a@b'))), 'bad-string'],
    ['a letter in a NumericString', tlv('31', attribute(CN, '12', text('1a'))), 'bad-string'],
    ['eight bits in an IA5String', tlv('31', attribute(CN, '16', 'e9')), 'bad-string'],
    ['half a character in a BMPString', tlv('31', attribute(CN, '1e', '00 61 00')), 'bad-string'],
    [
      'two attributes in the wrong order of a set',
      tlv('31', attribute(CN, '0c', text('b')), attribute(CN, '0c', text('a'))),
      'unsorted-set',
    ],
    [
      'an attribute twice in a set',
      tlv('31', attribute(CN, '0c', text('a')), attribute(CN, '0c', text('a'))),
      'unsorted-set',
    ],
    ['more attributes than any name has', tlv('31', attribute(CN, '0c', text('a'))).repeat(41), 'too-many-elements'],
  ])('%s', (_, sets, reason) => {
    expect(faultOf(() => name(sets))).toBe(reason)
  })

  test('texts of every type', () => {
    const sets = [
      tlv('31', attribute(CN, '0c', text('関所'))),
      tlv('31', attribute(CN, '13', text('JP'))),
      tlv('31', attribute(CN, '1e', '95 a2 62 40')),
      tlv('31', attribute(CN, '14', 'e9')),
      tlv('31', attribute(CN, '04', '00')),
    ]
    expect(name(...sets).map(textOf)).toEqual(['関所', 'JP', '関所', 'é', undefined])
  })
})

describe('general names', () => {
  const names = (...parts: readonly string[]) => readGeneralNames(new DerReader(hex(parts.join(''))))

  test.each([
    ['none', ''],
    ['an address without @', tlv('81', text('nobody'))],
    ['a host with a slash', tlv('82', text('https://example.jp'))],
    ['a host with a NUL', tlv('82', '61 00 62')],
    ['an empty host', tlv('82')],
    ['a host with an empty label', tlv('82', text('a..jp'))],
    ['a host longer than any name of the DNS', tlv('82', text(`${'a.'.repeat(150)}a`))],
    ['a host with an underscore', tlv('82', text('a_b.jp'))],
    ['a wildcard within a label', tlv('82', text('ba*.example.jp'))],
    ['a wildcard within a name', tlv('82', text('foo.*.example.jp'))],
    ['a wildcard alone', tlv('82', text('*'))],
    ['a URI without a scheme', tlv('86', text('//example.jp'))],
    ['an IP address of five octets', tlv('87', '01 02 03 04 05')],
    ['an unknown choice', tlv('89', '00')],
    ['a directory name that is none', tlv('a4', tlv('04', '00'))],
    ['an other name without a value', tlv('a0', CN)],
  ])('%s', (_, parts) => {
    expect(faultOf(() => names(parts))).not.toBe('no fault')
  })

  test('one of each', () => {
    const list = [
      tlv('a0', CN, tlv('a0', tlv('0c', text('x')))),
      tlv('81', text('taro@example.jp')),
      tlv('82', text('*.example.jp')),
      tlv('a4', tlv('30', tlv('31', attribute(CN, '0c', text('a'))))),
      tlv('86', text('ldap://example.jp/x')),
      tlv('87', '7f 00 00 01'),
      tlv('88', '55 04 03'),
    ]
    expect(names(...list)).toHaveLength(list.length)
  })
})

describe('extensions', () => {
  const list = (...parts: readonly string[]) => readExtensions(new DerReader(hex(tlv('30', ...parts))))
  const extension = (oid: string): string => tlv('30', tlv('06', oid), tlv('04', '0500'))

  test.each([
    ['an empty list', '', 'empty-sequence'],
    ['one without a value', tlv('30', tlv('06', '551d0f')), 'truncated'],
    ['FALSE written out', tlv('30', tlv('06', '551d0f'), '010100', tlv('04', '0500')), 'default-value-encoded'],
    ['something after the value', tlv('30', tlv('06', '551d0f'), tlv('04', '0500'), '0500'), 'trailing-bytes'],
    ['one twice', extension('551d0f').repeat(2), 'duplicate-extension'],
    [
      'one twice, with others between',
      `${extension('551d0f')}${extension('551d10')}${extension('551d0f')}`,
      'duplicate-extension',
    ],
  ])('%s', (_, parts, reason) => {
    expect(faultOf(() => list(parts))).toBe(reason)
  })

  test.each([
    ['keyUsage without a bit', () => decodeKeyUsage(hex('03 01 00')), 'not-conforming'],
    ['keyUsage with a tenth bit', () => decodeKeyUsage(hex('03 03 05 00 20')), 'bad-bit-string'],
    ['keyUsage and something after it', () => decodeKeyUsage(hex('03 02 07 80 05 00')), 'trailing-bytes'],
    ['a path length without cA', () => decodeBasicConstraints(hex('30 03 02 01 00')), 'not-conforming'],
    ['a negative path length', () => decodeBasicConstraints(hex('30 06 01 01 ff 02 01 ff')), 'bad-integer'],
    ['cA FALSE written out', () => decodeBasicConstraints(hex('30 03 01 01 00')), 'default-value-encoded'],
    ['an empty extended key usage', () => decodeExtendedKeyUsage(hex('30 00')), 'empty-sequence'],
    ['an empty subject key identifier', () => decodeSubjectKeyIdentifier(hex('04 00')), 'not-conforming'],
    ['an empty key identifier', () => decodeAuthorityKeyIdentifier(hex('30 02 80 00')), 'not-conforming'],
    [
      'a serial without its issuer',
      () => decodeAuthorityKeyIdentifier(hex('30 07 80 02 01 02 82 01 01')),
      'not-conforming',
    ],
    ['an empty list of policies', () => decodeCertificatePolicies(hex('30 00')), 'empty-sequence'],
    [
      'a policy twice',
      () => decodeCertificatePolicies(hex(tlv('30', tlv('30', tlv('06', '2a03')).repeat(2)))),
      'not-conforming',
    ],
    [
      'an empty list of qualifiers',
      () => decodeCertificatePolicies(hex(tlv('30', tlv('30', tlv('06', '2a03'), '3000')))),
      'empty-sequence',
    ],
    [
      'a distribution point of reasons alone',
      () => decodeCrlDistributionPoints(hex('30 06 30 04 81 02 06 40')),
      'not-conforming',
    ],
    ['an empty list of places', () => checkInformationAccess(hex('30 00')), 'empty-sequence'],
    [
      'a method without a place',
      () => checkInformationAccess(hex(tlv('30', tlv('30', tlv('06', '2a03'))))),
      'empty-sequence',
    ],
    [
      'a method with two places',
      () => checkInformationAccess(hex(tlv('30', tlv('30', tlv('06', '2a03'), tlv('82', '61'), tlv('82', '62'))))),
      'not-conforming',
    ],
    ['places in plain text', () => checkInformationAccess(Buffer.from('malformed')), 'unexpected-tag'],
    ['an empty list of distribution points', () => decodeCrlDistributionPoints(hex('30 00')), 'empty-sequence'],
  ])('%s', (_, act, reason) => {
    expect(faultOf(act)).toBe(reason)
  })

  test('a qualifier that nobody knows is told apart: a critical extension with it has to be refused', () => {
    const withQualifier = (oid: string) =>
      decodeCertificatePolicies(
        hex(tlv('30', tlv('30', tlv('06', '2a03'), tlv('30', tlv('30', tlv('06', oid), '0500'))))),
      ).qualifiersKnown
    expect(withQualifier('2b06010505070201')).toBe(true)
    expect(withQualifier('2b06010505070263')).toBe(false)
  })
})

describe('public keys', () => {
  const spki = (algorithm: string, bits: string) =>
    readPublicKey(new DerReader(hex(tlv('30', algorithm, tlv('03', '00', bits)))))
  const RSA = '300d06092a864886f70d0101010500'
  const P256 = '301306072a8648ce3d020106082a8648ce3d030107'

  test.each([
    ['RSA with octets after the key', () => spki(RSA, `${tlv('30', '020103', '020103')}00`), 'trailing-bytes'],
    ['RSA with a third number', () => spki(RSA, tlv('30', '020103', '020103', '020103')), 'trailing-bytes'],
    ['RSA with a negative modulus', () => spki(RSA, tlv('30', '0201ff', '020103')), 'bad-integer'],
    ['RSA with a zero exponent', () => spki(RSA, tlv('30', '020103', '020100')), 'bad-integer'],
    [
      'RSA with an exponent of 33 octets',
      () => spki(RSA, tlv('30', '020103', tlv('02', '01'.repeat(33)))),
      'bad-integer',
    ],
    ['a compressed point', () => spki(P256, `02${'11'.repeat(32)}`), 'bad-bit-string'],
    ['a point of another length', () => spki(P256, `04${'11'.repeat(63)}`), 'bad-bit-string'],
    ['the point at infinity', () => spki(P256, '00'), 'bad-bit-string'],
  ])('%s', (_, act, reason) => {
    expect(faultOf(act)).toBe(reason)
  })

  test.each([
    ['RSA without its NULL', '300b06092a864886f70d010101', '00'],
    ['a curve by its parameters', '300b06072a8648ce3d02013000', '00'],
    ['Ed25519', '300506032b6570', '11'.repeat(32)],
  ])('%s is no key we know', (_, algorithm, bits) => {
    expect(spki(algorithm, bits).shape).toEqual({ type: 'other' })
  })
})
