import fc from 'fast-check'
import { OID, type VirtualJpki } from '@sekisho/virtual-jpki'
import { beforeAll, describe, expect, test } from 'vitest'
import type { TrustAnchors } from '../../../src/certificate/anchor/trust-anchor.ts'
import { DerFault } from '../../../src/certificate/der/der-fault.ts'
import { acceptCrl } from '../../../src/certificate/revocation/crl/accept-crl.ts'
import { indexCrl } from '../../../src/certificate/revocation/crl/index-crl.ts'
import { parseCrl } from '../../../src/certificate/revocation/crl/parse-crl.ts'
import { acceptOcspAnswer } from '../../../src/certificate/revocation/ocsp/accept-ocsp-answer.ts'
import { buildOcspRequest } from '../../../src/certificate/revocation/ocsp/build-ocsp-request.ts'
import { createResponderFinder } from '../../../src/certificate/revocation/ocsp/find-responder.ts'
import { DEFAULT_OCSP_RULES } from '../../../src/certificate/revocation/ocsp/ocsp-rules.ts'
import { parseOcspResponse } from '../../../src/certificate/revocation/ocsp/parse-ocsp-response.ts'
import { parseCertificate } from '../../../src/certificate/x509/parse-certificate.ts'
import { A_DAY, anchorsOf, judgeResponse, openJpki, outcomeOf, type Holder } from '../../support/certificate/court.ts'
import { derLike, mutationsOf } from '../../support/certificate/mutations.ts'
import { questionAbout } from '../../support/certificate/question.ts'

const READERS = {
  certificate: (der: Uint8Array) => parseCertificate(der),
  'OCSP answer': (der: Uint8Array) => parseOcspResponse(der),
  CRL: (der: Uint8Array) => indexCrl(parseCrl(der)),
} as const

/** Everything a reader may end in: a value, or the one fault. Anything else is thrown on and fails the property. */
function readOrFault(read: (der: Uint8Array) => unknown, der: Uint8Array): 'read' | 'fault' {
  try {
    read(der)
    return 'read'
  } catch (error) {
    if (error instanceof DerFault) return 'fault'
    throw error
  }
}

let jpki: VirtualJpki
let anchors: TrustAnchors
let holder: Holder
let samples: Record<keyof typeof READERS, Buffer>

beforeAll(async () => {
  jpki = await openJpki()
  anchors = anchorsOf(jpki)
  holder = await jpki.issueAuthenticationCertificate({ label: 'fuzzed' })
  const request = buildOcspRequest(questionAbout(jpkiHolder(), anchors), undefined)
  samples = {
    certificate: Buffer.from(holder.certificateDer),
    'OCSP answer': await jpki.respondOcsp(Buffer.from(request)),
    CRL: await jpki.crl({ addEntries: 20, scope: 'municipality' }),
  }
})

const jpkiHolder = (): { certificateDer: Buffer } => ({ certificateDer: Buffer.from(holder.certificateDer) })

describe.each(Object.keys(READERS) as (keyof typeof READERS)[])('a reader of a %s', (kind) => {
  const read = READERS[kind]

  test('reads the sample the mutations start from', () => {
    expect(readOrFault(read, samples[kind])).toBe('read')
  })

  test('attack 30: octets at random are read or faulted, never anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        readOrFault(read, octets)
      }),
      { numRuns: 3000 },
    )
  })

  test('attack 30: well-formed nonsense is read or faulted, never anything else', () => {
    fc.assert(
      fc.property(derLike(), (der) => {
        readOrFault(read, der)
      }),
      { numRuns: 3000 },
    )
  })

  test('attack 30: a mutated sample is read or faulted, never anything else', () => {
    fc.assert(
      fc.property(mutationsOf(samples[kind]), (mutated) => {
        readOrFault(read, mutated)
      }),
      { numRuns: 4000 },
    )
  })

  test('every prefix is faulted', () => {
    for (let length = 0; length < samples[kind].length; length++) {
      expect(readOrFault(read, samples[kind].subarray(0, length))).toBe('fault')
    }
  })

  test('what lies around the octets has no influence: nothing is read past the end', () => {
    fc.assert(
      fc.property(mutationsOf(samples[kind]), fc.constantFrom(0x00, 0x30, 0xff), (mutated, filler) => {
        const surrounded = Buffer.alloc(mutated.length + 512, filler)
        surrounded.set(mutated, 256)
        const view = surrounded.subarray(256, 256 + mutated.length)
        expect(readOrFault(read, view)).toBe(readOrFault(read, Uint8Array.from(mutated)))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('a change of a single octet is never accepted', () => {
  test('attack 31: in a certificate', async () => {
    await fc.assert(
      fc.asyncProperty(mutationsOf(samples.certificate), async (mutated) => {
        fc.pre(!Buffer.from(mutated).equals(samples.certificate))
        const judgement = await judgeResponse({ ...holder, certificateDer: mutated }, { anchors })
        expect(outcomeOf(judgement)).toMatch(/^CERT_/)
      }),
      { numRuns: 1500 },
    )
  })

  test('attack 33: in an OCSP answer, it never makes another status', async () => {
    const question = questionAbout(jpkiHolder(), anchors)
    const context = {
      ...question,
      nonceValue: undefined,
      rules: { ...DEFAULT_OCSP_RULES, nonce: 'none' as const },
      responders: createResponderFinder(),
      nowMs: A_DAY.getTime(),
    }
    expect(acceptOcspAnswer(samples['OCSP answer'], context)).toMatchObject({ status: 'good' })
    fc.assert(
      fc.property(mutationsOf(samples['OCSP answer']), (mutated) => {
        const accepted = acceptOcspAnswer(mutated, context)
        // what is not signed may change without harm: a certificate more that nobody looks at
        expect(typeof accepted === 'string' || accepted.status === 'good').toBe(true)
      }),
      { numRuns: 1500 },
    )
  })

  test('attack 34: in a list', () => {
    fc.assert(
      fc.property(mutationsOf(samples.CRL), (mutated) => {
        fc.pre(!Buffer.from(mutated).equals(samples.CRL))
        expect(typeof acceptCrl(mutated, anchors.authentication)).toBe('string')
      }),
      { numRuns: 1000 },
    )
  })
})

test('attack 31: extensions at random, in any order and number, are judged without an error', async () => {
  const extension = fc.record({
    oid: fc.constantFrom(...Object.values(OID), '1.2.3', '2.999'),
    critical: fc.boolean(),
    value: fc.oneof(fc.uint8Array({ maxLength: 40 }), derLike()),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(extension, { maxLength: 6 }), async (addExtensions) => {
      const overrides = { addExtensions, serialNumber: 99n }
      const issued = await jpki.issueAuthenticationCertificate({ label: 'random extensions', overrides })
      expect(outcomeOf(await judgeResponse(issued, { anchors }))).toMatch(/^(good|CERT_[A-Z_]+)$/)
    }),
    { numRuns: 300 },
  )
})
