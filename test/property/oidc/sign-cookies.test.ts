import fc from 'fast-check'
import Keygrip from 'keygrip'
import { describe, expect, test } from 'vitest'
import { createCookieSigner } from '../../../src/oidc/sign-cookies.ts'

/** Keys as a configuration may have them: any text, one of them at least. */
const keys = fc.array(fc.string({ minLength: 1, maxLength: 80, unit: 'binary' }), { minLength: 1, maxLength: 4 })
const data = fc.string({ maxLength: 120, unit: 'binary' })

describe('a cookie of somebody else’s making', () => {
  test.each([
    ['', 'nothing'],
    ['A'.repeat(27), 'of the right length'],
    ['é'.repeat(27), 'of the right length in characters'],
    ['é'.repeat(13) + 'A', 'of the right length in octets'],
  ])('%j verifies under no key: %s', (signature) => {
    const signer = createCookieSigner(['new', 'old'])
    expect(signer.index('a=b', signature)).toBe(-1)
    expect(signer.verify('a=b', signature)).toBe(false)
  })

  test('neither a changed value, nor another name, nor a key that was dropped', () => {
    const signer = createCookieSigner(['new', 'old'])
    const signature = signer.sign('name=value')
    expect(signer.index('name=valuf', signature)).toBe(-1)
    expect(signer.index('nama=value', signature)).toBe(-1)
    expect(createCookieSigner(['old']).index('name=value', signature)).toBe(-1)
    expect(signer.index('name=value', `${signature}=`)).toBe(-1)
    expect(signer.index('name=value', signature.slice(0, -1))).toBe(-1)
  })

  test('there is no signer without a key', () => {
    expect(() => createCookieSigner([])).toThrow('no key')
  })
})

describe('to the octet what Keygrip does, for servers of both releases side by side', () => {
  test('signs alike', () => {
    fc.assert(
      fc.property(keys, data, (some, text) => {
        expect(createCookieSigner(some).sign(text)).toBe(new Keygrip(some).sign(text))
      }),
    )
  })

  test('finds the same key, whoever signed with whichever', () => {
    fc.assert(
      fc.property(keys, data, fc.nat({ max: 4 }), (some, text, at) => {
        const [signing = 'a key that nobody has'] = some.slice(at)
        const [ours, theirs] = [createCookieSigner(some), new Keygrip(some)]
        for (const signature of [createCookieSigner([signing]).sign(text), new Keygrip([signing]).sign(text)]) {
          expect(ours.index(text, signature)).toBe(theirs.index(text, signature))
          expect(ours.verify(text, signature)).toBe(theirs.verify(text, signature))
        }
      }),
    )
  })

  test('refuses alike what nobody signed', () => {
    fc.assert(
      fc.property(keys, data, fc.oneof(data, fc.base64String({ maxLength: 40 })), (some, text, signature) => {
        expect(createCookieSigner(some).index(text, signature)).toBe(new Keygrip(some).index(text, signature))
      }),
    )
  })
})
