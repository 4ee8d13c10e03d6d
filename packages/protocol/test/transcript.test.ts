import { buildTranscript, digestInfoOfTranscript } from '@sekisho/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readVectors } from './read-vectors.ts'

const { vectors } = readVectors()
const VALID = { providerOrigin: 'https://sekisho.example', nonce: 'A'.repeat(43), context: '{}' }

describe('refused', () => {
  test.each([
    ['', 'empty'],
    ['sekisho.example', 'no scheme'],
    ['https://', 'no host'],
    ['https://sekisho.example/', 'a trailing slash'],
    ['https://sekisho.example/issuer', 'a path'],
    ['https://sekisho.example?', 'an empty query'],
    ['https://sekisho.example#', 'an empty fragment'],
    ['https://sekisho.example:443', 'the default port'],
    ['http://localhost:80', 'the default port of http'],
    ['https://sekisho.example:08443', 'a port with a zero in front'],
    ['https://sekisho.example:', 'an empty port'],
    ['https://Sekisho.example', 'upper case'],
    ['HTTPS://sekisho.example', 'a scheme in upper case'],
    ['https:sekisho.example', 'no slashes'],
    ['https:\\\\sekisho.example', 'backslashes'],
    ['https://sekisho.example\\', 'a trailing backslash'],
    ['https://person@sekisho.example', 'user information'],
    ['https://@sekisho.example', 'empty user information'],
    [' https://sekisho.example', 'a space in front'],
    ['https://sekisho.example\n', 'a line feed behind'],
    ['https://sekisho.\texample', 'a tab inside'],
    ['https://sekisho.example\u0000', 'a NUL behind'],
    ['https://seki\u00adsho.example', 'an invisible hyphen'],
    ['https://seki\u200bsho.example', 'an invisible space'],
    ['https://sekisho%2eexample', 'percent encoding'],
    ['https://関所.example', 'a host that is not ASCII'],
    ['https://127.1', 'a short address'],
    ['https://0x7f.0.0.1', 'a hexadecimal address'],
    ['ws://sekisho.example', 'another scheme'],
    ['javascript://sekisho.example', 'a script'],
    ['null', 'the opaque origin'],
  ])('origin %j: %s', (providerOrigin) => {
    expect(() => buildTranscript({ ...VALID, providerOrigin })).toThrow(TypeError)
  })

  test.each([
    ['', 'empty'],
    ['A'.repeat(42), 'one short'],
    ['A'.repeat(44), 'one long'],
    ['A'.repeat(42) + '=', 'padding'],
    ['A'.repeat(42) + '+', 'the other base64'],
    ['A'.repeat(42) + '/', 'the other base64'],
    ['A'.repeat(42) + ' ', 'a space'],
    ['A'.repeat(43) + '\n', 'a line feed behind'],
    ['A'.repeat(42) + 'Ａ', 'a full-width letter'],
    ['A'.repeat(42) + '\u0000', 'a NUL'],
  ])('nonce %j: %s', (nonce) => {
    expect(() => buildTranscript({ ...VALID, nonce })).toThrow(TypeError)
  })

  test.each(['\ud800', '\udfff', '{"client_id":"\udc00\ud800"}'])('context %j: half a surrogate pair', (context) => {
    expect(() => buildTranscript({ ...VALID, context })).toThrow(TypeError)
  })
})

describe('vectors', () => {
  test.each(vectors)('$name', ({ inputs, transcript, digestInfo }) => {
    const built = buildTranscript(inputs)
    expect(built.toString('hex')).toBe(transcript)
    expect(digestInfoOfTranscript(built).toString('hex')).toBe(digestInfo)
  })

  test('no two of them share a transcript or a DigestInfo', () => {
    expect(new Set(vectors.map(({ transcript }) => transcript)).size).toBe(vectors.length)
    expect(new Set(vectors.map(({ digestInfo }) => digestInfo)).size).toBe(vectors.length)
  })
})

describe('attack 24: the signed bytes stand for one provider, one nonce and one context', () => {
  const host = fc.stringMatching(/^[a-z][a-z0-9]{0,12}$/).map((label) => `https://${label}.example`)
  const nonce = fc.stringMatching(/^[A-Za-z0-9_-]{43}$/)
  const context = fc.string({ unit: 'grapheme', minLength: 0, maxLength: 60 })
  const input = fc.record({ providerOrigin: host, nonce, context })

  test('different inputs give different transcripts, equal inputs equal ones', () => {
    fc.assert(
      fc.property(input, input, (first, second) => {
        const same =
          first.providerOrigin === second.providerOrigin &&
          first.nonce === second.nonce &&
          first.context === second.context
        expect(buildTranscript(first).equals(buildTranscript(second))).toBe(same)
        expect(buildTranscript(first).equals(buildTranscript({ ...first }))).toBe(true)
      }),
    )
  })

  test('a change of any one field changes its own 32 bytes and no others', () => {
    fc.assert(
      fc.property(input, input, (first, second) => {
        const before = buildTranscript(first)
        const fields = ['providerOrigin', 'nonce', 'context'] as const
        for (const [index, field] of fields.entries()) {
          const after = buildTranscript({ ...first, [field]: second[field] })
          const at = 32 * (index + 1)
          const rest = (t: Buffer) => Buffer.concat([t.subarray(0, at), t.subarray(at + 32)])
          expect(rest(after).equals(rest(before))).toBe(true)
          expect(after.subarray(at, at + 32).equals(before.subarray(at, at + 32))).toBe(first[field] === second[field])
        }
      }),
    )
  })

  test('nothing moves from one field into the next', () => {
    fc.assert(
      fc.property(input, (first) => {
        const shifted = { ...first, context: first.nonce + first.context }
        expect(buildTranscript(shifted).equals(buildTranscript(first))).toBe(false)
      }),
    )
  })

  test('always 128 bytes, a DigestInfo always 51', () => {
    fc.assert(
      fc.property(input, (any) => {
        expect(buildTranscript(any)).toHaveLength(128)
        expect(digestInfoOfTranscript(buildTranscript(any))).toHaveLength(51)
      }),
    )
  })
})
