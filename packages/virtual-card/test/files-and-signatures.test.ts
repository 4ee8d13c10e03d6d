import {
  constants,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  publicDecrypt,
  verify as verifySignature,
} from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { createVirtualCard, FILE, TOKEN_LABELS, type VirtualCard } from '@sekisho/virtual-card'
import { exchange, readBinary, SELECT_JPKI, selectFile, send, sign, verify } from './commands.ts'
import { issueCredentials, type Credentials } from './issue-credentials.ts'

let credentials: Credentials
let card: VirtualCard

beforeAll(async () => {
  credentials = await issueCredentials()
  card = createVirtualCard(credentials)
})

function readFile(identifier: string): Buffer {
  const pieces: Buffer[] = []
  let offset = 0
  for (let answer = exchange(card, selectFile(identifier), readBinary(0, 0)); answer.status === '9000';) {
    pieces.push(answer.data)
    offset += answer.data.length
    answer = exchange(card, readBinary(offset, 0))
  }
  return Buffer.concat(pieces)
}

test.each([
  ['000A', () => credentials.authentication.certificateDer],
  ['000B', () => credentials.authentication.caCertificateDer],
  ['0001', () => credentials.signature.certificateDer],
  ['0002', () => credentials.signature.caCertificateDer],
])('EF %s is the certificate, and filler behind it', (identifier, expected) => {
  send(card, SELECT_JPKI, selectFile('001B'), verify('SEKISHO1'))
  const file = readFile(identifier)
  const der = Buffer.from(expected())
  expect(file).toHaveLength(3808)
  expect(file.subarray(0, der.length)).toEqual(der)
  expect(file.subarray(der.length)).toEqual(Buffer.alloc(3808 - der.length, 0xff))
})

test('a certificate larger than usual still leaves filler behind it', () => {
  const certificateDer = Buffer.alloc(4000, 0x30)
  const large = createVirtualCard({ authentication: { ...credentials.authentication, certificateDer } })
  expect(exchange(large, SELECT_JPKI, selectFile('000A'), readBinary(4000, 0)).data).toEqual(Buffer.of(0xff))
})

test('READ BINARY gives the bytes at its offset, at most 256', () => {
  send(card, SELECT_JPKI)
  const whole = readFile('000A')
  expect(exchange(card, readBinary(0, 0)).data).toHaveLength(256)
  expect(exchange(card, readBinary(300, 7)).data).toEqual(whole.subarray(300, 307))
  expect(exchange(card, readBinary(3800, 0)).data).toEqual(whole.subarray(3800))
  expect(exchange(card, '00B08AFF10').data).toEqual(whole.subarray(255, 271))
})

test.each(TOKEN_LABELS)('EF 0006 of %s: 160 bytes, the label first', (label) => {
  card = createVirtualCard({ ...credentials, label })
  send(card, SELECT_JPKI)
  const info = readFile('0006')
  expect(info).toHaveLength(160)
  expect(info.subarray(0, 32).toString('ascii')).toBe(label.padEnd(32, ' '))
})

test('EF 0008 says that both certificates are there', () => {
  send(card, SELECT_JPKI)
  expect(readFile('0008')).toEqual(Buffer.from('8F8F00', 'hex'))
})

test('a signature over a DigestInfo is RSASSA-PKCS1-v1_5 with SHA-256', () => {
  const message = Buffer.from('message')
  const hash = createHash('sha256').update(message).digest()
  const digestInfo = Buffer.concat([Buffer.from('3031300d060960864801650304020105000420', 'hex'), hash])
  send(card, SELECT_JPKI, selectFile('0018'), verify('1234'))
  const { data } = exchange(card, selectFile('0017'), sign(digestInfo))
  expect(data).toHaveLength(256)
  expect(verifySignature('sha256', message, createPublicKey(credentials.authentication.privateKey), data)).toBe(true)
})

test.each([1, 20, 32, 51, 128, 245])('%i bytes are padded with block type 1 and nothing else', (length) => {
  const input = createHash('shake256', { outputLength: length }).update('input').digest()
  send(card, SELECT_JPKI, selectFile('001B'), verify('SEKISHO1'))
  const { data } = exchange(card, selectFile('001A'), sign(input))
  const key = createPublicKey(credentials.signature.privateKey)
  const block = publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, data)
  const padding = Buffer.alloc(256 - 3 - length, 0xff)
  expect(block).toEqual(Buffer.concat([Buffer.of(0, 1), padding, Buffer.of(0), input]))
  expect(exchange(card, sign(input)).data).toEqual(data)
})

test.each([
  ['RSA with 1024 bits', () => generateKeyPairSync('rsa', { modulusLength: 1024 })],
  ['RSA with 3072 bits', () => generateKeyPairSync('rsa', { modulusLength: 3072 })],
  ['P-256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
])('no such card holds a key of %s', (_name, generate) => {
  const authentication = { ...credentials.authentication, privateKey: generate().privateKey }
  expect(() => createVirtualCard({ authentication })).toThrow(RangeError)
})

test('a file can be replaced or taken away, its access rule stays', () => {
  const altered = createVirtualCard(credentials)
  altered.replaceFile(FILE.authenticationCertificate, Buffer.from('3003020101', 'hex'))
  altered.replaceFile(FILE.signatureCertificate, Buffer.of(1))
  altered.replaceFile(FILE.tokenInfo, undefined)
  expect(exchange(altered, SELECT_JPKI, selectFile('000A'), readBinary(0, 0)).data.toString('hex')).toBe('3003020101')
  expect(send(altered, selectFile('0001'), readBinary(0, 0))).toBe('6982')
  expect(send(altered, selectFile('0006'))).toBe('6A82')
})
