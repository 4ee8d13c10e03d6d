import { createHash, X509Certificate } from 'node:crypto'

import { beforeAll, describe, expect, test } from 'vitest'

import { endOfFifthBirthday } from '../src/certificate/calendar.ts'
import { x509 } from '../src/certificate/x509.ts'
import { createVirtualJpki, type VirtualJpki } from '../src/index.ts'
import { VIRTUAL_KEYS } from '../../../test/support/virtual-keys.ts'

/** The tables of jpki.md §2.1, §2.3 and §2.4, read back with @peculiar/x509 from the finished bytes. */
const now = (): Date => new Date('2026-11-22T03:00:00Z')
let jpki: VirtualJpki
beforeAll(async () => {
  jpki = await createVirtualJpki({ now, cacheDirectory: VIRTUAL_KEYS })
})

const OID_NAMES: Readonly<Record<string, string>> = {
  '2.5.29.14': 'SKI',
  '2.5.29.15': 'KU',
  '2.5.29.17': 'SAN',
  '2.5.29.18': 'IAN',
  '2.5.29.19': 'BC',
  '2.5.29.31': 'CRLDP',
  '2.5.29.32': 'CP',
  '2.5.29.35': 'AKI',
  '2.5.29.37': 'EKU',
  '1.3.6.1.5.5.7.1.1': 'AIA',
}

const extensionsOf = (der: Uint8Array): readonly string[] =>
  new x509.X509Certificate(Buffer.from(der)).extensions.map(
    ({ type, critical }) => `${OID_NAMES[type] ?? type}${critical ? '!' : ''}`,
  )

const valueOf = (der: Uint8Array, oid: string): string =>
  Buffer.from(new x509.X509Certificate(Buffer.from(der)).getExtension(oid)?.value ?? new ArrayBuffer(0)).toString('hex')

const hex = (text: string): string => Buffer.from(text, 'utf8').toString('hex')

describe('CA certificates', () => {
  test.each([
    ['authentication', 1, '2015-10-20T03:08:13Z', '2025-10-19T14:59:59Z', '01'],
    ['authentication', 2, '2019-09-14T23:41:56Z', '2029-09-14T14:59:59Z', '01339001'],
    ['authentication', 3, '2023-07-16T01:01:04Z', '2033-07-15T14:59:59Z', '06D19001'],
    ['signature', 1, '2015-10-20T03:08:13Z', '2025-10-19T14:59:59Z', '01'],
    ['signature', 2, '2019-09-14T23:41:56Z', '2029-09-14T14:59:59Z', '01329001'],
    ['signature', 3, '2023-07-16T01:01:04Z', '2033-07-15T14:59:59Z', '067C9001'],
  ] as const)('%s generation %i: %s to %s, serial number %s', (purpose, generation, from, to, serial) => {
    const certificate = new X509Certificate(jpki.authority(purpose, generation).certificateDer)
    expect(certificate.serialNumber).toBe(serial)
    expect(new Date(certificate.validFrom).toISOString()).toBe(new Date(from).toISOString())
    expect(new Date(certificate.validTo).toISOString()).toBe(new Date(to).toISOString())
    expect(certificate.ca).toBe(true)
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ modulusLength: 2048, publicExponent: 65537n })
  })

  test.each(['authentication', 'signature'] as const)('%s: extensions, their order, and no AKI', (purpose) => {
    for (const { der } of jpki.anchors[purpose]) {
      expect(extensionsOf(der)).toEqual(['KU!', 'SAN', 'BC!', 'CRLDP', 'SKI'])
      expect(valueOf(der, '2.5.29.15')).toBe('03020106') // keyCertSign, cRLSign
      expect(valueOf(der, '2.5.29.19')).toBe('30030101ff')
    }
  })

  test.each([
    ['authentication', 'JPKI for user authentication'],
    ['signature', 'JPKI for digital signature'],
  ] as const)('%s: one name for all generations, C printable and the rest UTF-8, clearly virtual', (purpose, unit) => {
    const names = [1, 2, 3].map((generation) =>
      jpki.authority(purpose, generation as 1 | 2 | 3).nameDer.toString('hex'),
    )
    expect(new Set(names).size).toBe(1)
    expect(names[0]).toContain('0603550406' + '13024a50')
    expect(names[0]).toContain('060355040a' + '0c0c' + hex('JPKI-VIRTUAL'))
    expect(names[0]).toContain('060355040b' + '0c' + unit.length.toString(16) + hex(unit))
    expect(names[0]).not.toContain('0c04' + hex('JPKI'))
    const keys = [1, 2, 3].map((generation) => jpki.authority(purpose, generation as 1 | 2 | 3).keyId.toString('hex'))
    expect(new Set(keys).size).toBe(3)
  })

  test('the alternative name holds the four attributes of the real one', () => {
    const san = valueOf(jpki.authority('authentication', 3).certificateDer, '2.5.29.17')
    // Byte for byte from the real certificate of 2023.
    expect(san).toBe(
      '3081aca481a93081a6310b3009060355040613024a5031273025060355040a0c1ee585ace79a84e5808be4babae8aa8de8a8bce382b5e383bce38393e382b931393037060355040b0c30e585ace79a84e5808be4babae8aa8de8a8bce382b5e383bce38393e382b9e588a9e794a8e88085e8a8bce6988ee794a831333031060355040b0c2ae59cb0e696b9e585ace585b1e59ba3e4bd93e68385e5a0b1e382b7e382b9e38386e383a0e6a99fe6a78b',
    )
  })

  test('anchor files carry what they are named', () => {
    expect(jpki.anchors.authentication.map(({ name }) => name)).toEqual([
      'virtual-authca01.pem',
      'virtual-authca02.pem',
      'virtual-authca03.pem',
    ])
    expect(jpki.anchors.signature.map(({ name }) => name)).toEqual([
      'virtual-signca01.pem',
      'virtual-signca02.pem',
      'virtual-signca03.pem',
    ])
    for (const { pem, der } of jpki.anchors.signature) expect(new X509Certificate(pem).raw).toEqual(der)
  })
})

describe('a user-authentication certificate', () => {
  let der: Buffer
  beforeAll(async () => {
    der = (await jpki.card('taro')).authentication.certificateDer
  })

  test('has the extensions of §2.3 and no others', () => {
    expect(extensionsOf(der)).toEqual(['KU!', 'EKU', 'CP!', 'IAN', 'CRLDP', 'AIA', 'AKI', 'SKI'])
  })

  test.each([
    ['KU: digitalSignature alone', '2.5.29.15', '03020780'],
    ['EKU: clientAuth alone', '2.5.29.37', '300a06082b06010505070302'],
    [
      'CP: one policy, with its CPS',
      '2.5.29.32',
      `303d303b060b2a83088c9b55080501031e302c302a06082b06010505070201161e${hex('http://www.jpki.go.jp/cps.html')}`,
    ],
  ])('%s', (_name, oid, value) => {
    expect(valueOf(der, oid)).toBe(value)
  })

  test('IAN: the directory name that is the SAN of its CA', () => {
    expect(valueOf(der, '2.5.29.18')).toBe(valueOf(jpki.authority('authentication', 3).certificateDer, '2.5.29.17'))
  })

  test('CRLDP: a directory name for a municipality, no address', () => {
    const value = valueOf(der, '2.5.29.31')
    for (const part of ['CRL Distribution Points', 'Kakuu-ken', 'Sekisho-shi CRLDP']) expect(value).toContain(hex(part))
    expect(value).not.toContain(hex('http'))
  })

  test('AKI: key identifier, name and serial number of the CA', () => {
    const { keyId, nameDer } = jpki.authority('authentication', 3)
    const value = valueOf(der, '2.5.29.35')
    expect(value).toContain(`8014${keyId.toString('hex')}`)
    expect(value).toContain(nameDer.toString('hex'))
    expect(value).toMatch(/820406d19001$/)
  })

  test('SKI: SHA-1 of the public key', () => {
    const { publicKey } = new X509Certificate(der)
    const digest = createHash('sha1')
      .update(publicKey.export({ format: 'der', type: 'pkcs1' }))
      .digest('hex')
    expect(valueOf(der, '2.5.29.14')).toBe(`0414${digest}`)
  })

  test('AIA: OCSP at the address of the server, or nowhere at all', async () => {
    expect(valueOf(der, '1.3.6.1.5.5.7.1.1')).toContain(hex('http://virtual-jpki.invalid/ocsp'))
    const served = await createVirtualJpki({ now, cacheDirectory: VIRTUAL_KEYS, publicUrl: () => 'http://127.0.0.1:9' })
    const { authentication } = await served.card('taro')
    expect(valueOf(authentication.certificateDer, '1.3.6.1.5.5.7.1.1')).toContain(hex('http://127.0.0.1:9/ocsp'))
  })

  test('subject: a code of 23 characters, no name; serial number: four octets, 8 or 9 digits', async () => {
    for (const { name } of jpki.personas.filter((persona) => persona.name !== 'signing-certificate')) {
      const certificate = new X509Certificate((await jpki.card(name)).authentication.certificateDer)
      expect(certificate.subject).toMatch(/^C=JP\nCN=[0-9A-Z]{14}99001003A$/)
      expect(certificate.serialNumber).toMatch(/^[0-3][0-9A-F]{7}$/)
      expect(String(BigInt(`0x${certificate.serialNumber}`))).toMatch(/^\d{8,9}$/)
    }
  })

  test('ends at 23:59:59 in Japan on the fifth birthday', () => {
    expect(new Date(new X509Certificate(der).validTo).toISOString()).toBe('2030-04-15T14:59:59.000Z')
  })

  test('is as long as a real one, but for the longer names', () => {
    // 1.57–1.58 kB were measured; O=JPKI-VIRTUAL, "Virtual Agency" and the address of OCSP make some 20 octets more.
    expect(der.length).toBeGreaterThan(1570)
    expect(der.length).toBeLessThan(1610)
  })
})

describe('a signature certificate', () => {
  let der: Buffer
  beforeAll(async () => {
    der = (await jpki.card('hanako')).signature.certificateDer
  })

  test('has the extensions of §2.4', () => {
    expect(extensionsOf(der)).toEqual(['KU!', 'CP!', 'SAN', 'IAN', 'CRLDP', 'AIA', 'AKI', 'SKI'])
    expect(valueOf(der, '2.5.29.15')).toBe('030206c0')
    expect(valueOf(der, '2.5.29.32')).toContain('060b2a83088c9b550805010114')
  })

  test('carries the synthetic holder in the order of real cards', () => {
    const san = valueOf(der, '2.5.29.17')
    const base = '060a2a83088c9b55080505'
    const places = ['01', '04', '03', '05', '02', '06'].map((type) => san.indexOf(base + type))
    expect(places.every((place) => place > 0)).toBe(true)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(san).toContain(`0c0f${hex('関所　花子')}`)
    expect(san).toContain(`0c09${hex('419921103')}`)
  })

  test('subject: prefecture, town, and a code that begins with the time of issue', () => {
    expect(new X509Certificate(der).subject).toMatch(/^C=JP\nL=Kakuu-ken\nL=Sekisho-shi\nCN=20230201040506[0-9A-Z]{9}$/)
  })
})

describe('the fifth birthday', () => {
  test.each([
    ['2025-06-10T01:23:45Z', 4, 15, '2030-04-15'],
    ['2025-04-15T00:00:00Z', 4, 15, '2029-04-15'],
    ['2025-04-15T15:00:00Z', 4, 15, '2030-04-15'],
    ['2023-02-28T14:59:58Z', 2, 29, '2027-02-28'],
    ['2024-05-12T03:30:00Z', 2, 29, '2029-02-28'],
    ['2023-05-12T03:30:00Z', 2, 29, '2028-02-29'],
  ])('attack 36: issued %s, born %i/%i: ends %s', (issuedAt, month, day, ends) => {
    expect(endOfFifthBirthday(new Date(issuedAt), { month, day }).toISOString()).toBe(`${ends}T14:59:59.000Z`)
  })
})
