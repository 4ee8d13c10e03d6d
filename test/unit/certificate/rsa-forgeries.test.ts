import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import type { IssuedCertificate, VirtualJpki } from '@sekisho/virtual-jpki'
import { beforeAll, describe, expect, test } from 'vitest'
import { importPublicKey } from '../../../src/certificate/algorithm/import-public-key.ts'
import { verifySignature } from '../../../src/certificate/algorithm/verify-signature.ts'
import type { TrustAnchors } from '../../../src/certificate/anchor/trust-anchor.ts'
import { DerReader } from '../../../src/certificate/der/der-reader.ts'
import { parseCertificate } from '../../../src/certificate/x509/parse-certificate.ts'
import { readPublicKey } from '../../../src/certificate/x509/read-public-key.ts'
import {
  A_TRANSCRIPT,
  anchorsOf,
  judgeResponse,
  neverAsked,
  openJpki,
  outcomeOf,
} from '../../support/certificate/court.ts'
import {
  correctMessage,
  cubeRootForgery,
  forgedMessages,
  forgedSignatures,
  signRaw,
} from '../../support/certificate/pkcs1-forgeries.ts'

/** AlgorithmIdentifier of sha256WithRSAEncryption. */
const SHA256_WITH_RSA = Buffer.from('300d06092a864886f70d01010b0500', 'hex')

let jpki: VirtualJpki
let anchors: TrustAnchors
let issued: IssuedCertificate

beforeAll(async () => {
  jpki = await openJpki()
  anchors = anchorsOf(jpki)
  issued = await jpki.issueAuthenticationCertificate({ label: 'forger' })
})

/** The last 256 octets of a certificate are its signature. */
const withSignature = (der: Buffer, signature: Buffer): Buffer => Buffer.concat([der.subarray(0, -256), signature])

const judgeTranscriptSignature = async (unverifiedSignature: Uint8Array): Promise<string> =>
  outcomeOf(await judgeResponse(issued, { anchors, revocation: neverAsked }, { unverifiedSignature }))

describe('attack 25: encoded messages that are not exactly the one of PKCS #1 v1.5', () => {
  test('the control is accepted: signed raw, it is what the card would have signed', async () => {
    const signature = signRaw(issued.privateKey, correctMessage(A_TRANSCRIPT))
    expect(signature.equals(sign('sha256', A_TRANSCRIPT, issued.privateKey))).toBe(true)
    expect(outcomeOf(await judgeResponse(issued, { anchors }, { unverifiedSignature: signature }))).toBe('good')
  })

  test.each(Object.keys(forgedMessages(A_TRANSCRIPT)))('over the transcript: %s', async (name) => {
    const message = forgedMessages(A_TRANSCRIPT)[name]!
    expect(await judgeTranscriptSignature(signRaw(issued.privateKey, message))).toBe('CERT_TRANSCRIPT_MISMATCH')
  })

  test.each(Object.keys(forgedMessages(A_TRANSCRIPT)))(
    'over a certificate, with the key of its CA: %s',
    async (name) => {
      const { signedDer } = parseCertificate(issued.certificateDer)
      const caKey = jpki.authority('authentication', 3).privateKey
      const control = withSignature(issued.certificateDer, signRaw(caKey, correctMessage(signedDer)))
      expect(outcomeOf(await judgeResponse({ ...issued, certificateDer: control }, { anchors }))).toBe('good')
      const forged = withSignature(issued.certificateDer, signRaw(caKey, forgedMessages(signedDer)[name]!))
      const judgement = await judgeResponse({ ...issued, certificateDer: forged }, { anchors, revocation: neverAsked })
      expect(outcomeOf(judgement)).toBe('CERT_BAD_SIGNATURE')
    },
  )
})

describe('attack 25: signatures that are not exactly the number, in exactly its octets', () => {
  const names = Object.keys(
    forgedSignatures(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, A_TRANSCRIPT),
  )

  test.each(names)('over the transcript: %s', async (name) => {
    const signature = forgedSignatures(issued.privateKey, A_TRANSCRIPT)[name]!
    expect(await judgeTranscriptSignature(signature)).toBe('CERT_TRANSCRIPT_MISMATCH')
  })
})

describe('attack 25: keys that make forging easy', () => {
  test('a cube root against e = 3: neither the verifier nor the allow list lets it through', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 })
    const spki = publicKey.export({ format: 'der', type: 'spki' })
    const signature = cubeRootForgery(A_TRANSCRIPT)
    const signed = { signedDer: A_TRANSCRIPT, algorithmDer: SHA256_WITH_RSA, signature }
    expect(verifySignature(signed, importPublicKey(readPublicKey(new DerReader(spki)))!, ['rsa-sha256'])).toBe(
      'invalid',
    )
    const weak = await jpki.issueAuthenticationCertificate({ label: 'e3', overrides: { publicKeyDer: spki } })
    const judgement = await judgeResponse(weak, { anchors, revocation: neverAsked }, { unverifiedSignature: signature })
    expect(outcomeOf(judgement)).toBe('CERT_WEAK_KEY')
  })

  test('e = 1, where every message is its own signature', async () => {
    const { n = '' } = issued.privateKey.export({ format: 'jwk' })
    const spki = rsaSpki(Buffer.from(n, 'base64url'), 1)
    const weak = await jpki.issueAuthenticationCertificate({ label: 'e1', overrides: { publicKeyDer: spki } })
    const unverifiedSignature = correctMessage(A_TRANSCRIPT)
    const judgement = await judgeResponse(weak, { anchors, revocation: neverAsked }, { unverifiedSignature })
    expect(outcomeOf(judgement)).toBe('CERT_WEAK_KEY')
  })

  test.each([
    ['an even modulus', (modulus: Buffer) => rsaSpki(withLastOctet(modulus, 0), 65537)],
    ['an even exponent', (modulus: Buffer) => rsaSpki(modulus, 65536)],
    ['a modulus of 2047 bits', (modulus: Buffer) => rsaSpki(withFirstOctet(modulus, 0x7f), 65537)],
    ['a modulus of 2049 bits', (modulus: Buffer) => rsaSpki(Buffer.concat([Buffer.from([1]), modulus]), 65537)],
  ])('%s', async (_, makeSpki) => {
    const { n = '' } = issued.privateKey.export({ format: 'jwk' })
    const publicKeyDer = makeSpki(Buffer.from(n, 'base64url'))
    const weak = await jpki.issueAuthenticationCertificate({ label: 'odd key', overrides: { publicKeyDer } })
    expect(outcomeOf(await judgeResponse(weak, { anchors, revocation: neverAsked }))).toBe('CERT_WEAK_KEY')
  })

  test('node itself takes the control for good and the forgery for bad: what verifySignature relies on', () => {
    const publicKey = createPublicKey(issued.privateKey)
    expect(verify('sha256', A_TRANSCRIPT, publicKey, signRaw(issued.privateKey, correctMessage(A_TRANSCRIPT)))).toBe(
      true,
    )
    expect(verify('sha256', A_TRANSCRIPT, publicKey, cubeRootForgery(A_TRANSCRIPT))).toBe(false)
  })
})

test('attack 25: an algorithm that is not on the list, or not of the key, is not even tried', () => {
  const key = createPublicKey(issued.privateKey)
  const signature = sign('sha256', A_TRANSCRIPT, issued.privateKey)
  const judge = (algorithm: string): string =>
    verifySignature({ signedDer: A_TRANSCRIPT, algorithmDer: Buffer.from(algorithm, 'hex'), signature }, key, [
      'rsa-sha256',
      'ecdsa-sha256',
    ])
  expect(judge('300d06092a864886f70d01010b0500')).toBe('valid')
  expect(judge('300b06092a864886f70d01010b')).toBe('algorithm-not-allowed') // without its NULL
  expect(judge('300d06092a864886f70d0101050500')).toBe('algorithm-not-allowed') // SHA-1
  expect(judge('300d06092a864886f70d0101040500')).toBe('algorithm-not-allowed') // MD5
  expect(judge('300b06092a864886f70d01010a')).toBe('algorithm-not-allowed') // PSS
  expect(judge('300a06082a8648ce3d040302')).toBe('algorithm-not-allowed') // ECDSA with an RSA key
})

function rsaSpki(modulus: Buffer, exponent: number): Buffer {
  const integer = (octets: Buffer): Buffer => {
    const positive = (octets[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), octets]) : octets
    return tlv(0x02, positive)
  }
  const exponentOctets = Buffer.from(exponent.toString(16).padStart(exponent > 0xffff ? 6 : 2, '0'), 'hex')
  const key = tlv(0x30, integer(modulus), integer(exponentOctets))
  return tlv(0x30, Buffer.from('300d06092a864886f70d0101010500', 'hex'), tlv(0x03, Buffer.from([0]), key))
}

function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const length = content.length < 0x80 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}

function withLastOctet(octets: Buffer, value: number): Buffer {
  return Buffer.concat([octets.subarray(0, -1), Buffer.from([value])])
}

function withFirstOctet(octets: Buffer, value: number): Buffer {
  return Buffer.concat([Buffer.from([value]), octets.subarray(1)])
}
