import type { PublicKeyShape } from '../x509/read-public-key.ts'
import type { KeyRule } from './certificate-profile.ts'

/** Today's card: RSA of exactly 2048 bits with the exponent every JPKI key has (jpki.md §2.3). */
export const RSA_2048: KeyRule = { type: 'rsa', minBits: 2048, maxBits: 2048, minExponent: 65537, maxExponent: 65537 }

/** The card planned for fiscal year 2028 (jpki.md §3). */
export const EC_P384: KeyRule = { type: 'ec', curve: 'P-384' }

export const EC_P256: KeyRule = { type: 'ec', curve: 'P-256' }

/** Keys outside JPKI. FIPS 186-5 §5.4: an odd exponent from 65537 on. Longer moduli only cost time. */
export const RSA_2048_TO_4096: KeyRule = {
  type: 'rsa',
  minBits: 2048,
  maxBits: 4096,
  minExponent: 65537,
  maxExponent: 2 ** 32,
}

/** Whether a key is one of those a rule allows. */
export function keyIsAllowed(shape: PublicKeyShape, rules: readonly KeyRule[]): boolean {
  return rules.some((rule) => keyMatches(shape, rule))
}

function keyMatches(shape: PublicKeyShape, rule: KeyRule): boolean {
  switch (shape.type) {
    case 'rsa':
      return (
        rule.type === 'rsa' &&
        shape.modulusIsOdd &&
        shape.modulusBits % 8 === 0 &&
        shape.modulusBits >= rule.minBits &&
        shape.modulusBits <= rule.maxBits &&
        shape.exponent % 2 === 1 &&
        shape.exponent >= rule.minExponent &&
        shape.exponent <= rule.maxExponent
      )
    case 'ec':
      return rule.type === 'ec' && rule.curve === shape.curve
    case 'other':
      return false
  }
}
