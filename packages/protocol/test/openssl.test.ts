import { spawnSync } from 'node:child_process'
import { constants, generateKeyPairSync, privateEncrypt, verify } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildTranscript, digestInfoOfTranscript } from '@sekisho/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readVectors } from './read-vectors.ts'

const { label, vectors } = readVectors()
const directory = mkdtempSync(join(tmpdir(), 'sekisho-protocol-'))
const privateKeyFile = join(directory, 'key.pem')
const publicKeyFile = join(directory, 'public.pem')
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

/** What `openssl` writes to standard output, given `input` on standard input. */
function openssl(args: readonly string[], input: Uint8Array | string): Buffer {
  const { status, stdout, stderr } = spawnSync('openssl', args, { input })
  expect(stderr.toString().replace(/^engine .*$/gm, '')).not.toMatch(/error/i)
  expect(status).toBe(0)
  return stdout
}

const sha256 = (input: Uint8Array | string) => openssl(['dgst', '-sha256', '-binary'], input)

beforeAll(() => {
  writeFileSync(privateKeyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  writeFileSync(publicKeyFile, publicKey.export({ type: 'spki', format: 'pem' }))
})

afterAll(() => {
  rmSync(directory, { recursive: true })
})

test.each(vectors)('openssl hashes the same transcript: $name', ({ inputs, transcript, digestInfo }) => {
  const { providerOrigin, nonce, context } = inputs
  const fields = [label, providerOrigin, nonce, context].map(sha256)
  expect(Buffer.concat(fields).toString('hex')).toBe(transcript)
  expect(sha256(Buffer.concat(fields)).toString('hex')).toBe(digestInfo.slice(-64))
})

describe('the DigestInfo is the one of RFC 8017', () => {
  const transcript = buildTranscript(vectors[0]!.inputs)
  const digestInfo = digestInfoOfTranscript(transcript)
  /** What a card does with P1=00: PKCS#1 v1.5 padding around the bytes it is given, and the private key. */
  const cardSignature = privateEncrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, digestInfo)

  test('openssl reads it as SEQUENCE { SEQUENCE { sha256, NULL }, OCTET STRING }', () => {
    const structure = openssl(['asn1parse', '-inform', 'DER'], digestInfo).toString()
    expect(structure.match(/prim: (.*)$/gm)).toEqual([
      expect.stringMatching(/OBJECT\s+:sha256$/),
      expect.stringMatching(/NULL/),
      expect.stringMatching(/OCTET STRING\s+\[HEX DUMP\]:[0-9A-F]{64}$/),
    ])
  })

  test('a signature over it is the signature of the transcript', () => {
    const signed = openssl(['dgst', '-sha256', '-sign', privateKeyFile, '-binary'], transcript)
    const wrapped = openssl(
      ['pkeyutl', '-sign', '-inkey', privateKeyFile, '-pkeyopt', 'rsa_padding_mode:pkcs1'],
      digestInfo,
    )
    expect(wrapped.equals(signed)).toBe(true)
    expect(cardSignature.equals(signed)).toBe(true)
  })

  test('openssl and node:crypto verify it as RS256, and not over another transcript', () => {
    const signatureFile = join(directory, 'signature.bin')
    writeFileSync(signatureFile, cardSignature)
    const args = ['dgst', '-sha256', '-verify', publicKeyFile, '-signature', signatureFile]
    expect(openssl(args, transcript).toString()).toBe('Verified OK\n')
    expect(verify('sha256', transcript, publicKey, cardSignature)).toBe(true)

    const another = buildTranscript(vectors[1]!.inputs)
    expect(spawnSync('openssl', args, { input: another }).stdout.toString()).toBe('Verification failure\n')
    expect(verify('sha256', another, publicKey, cardSignature)).toBe(false)
  })

  test('openssl recovers exactly these 51 bytes from the signature', () => {
    const args = ['pkeyutl', '-verifyrecover', '-pubin', '-inkey', publicKeyFile, '-pkeyopt', 'rsa_padding_mode:pkcs1']
    expect(openssl(args, cardSignature).equals(digestInfo)).toBe(true)
  })
})
