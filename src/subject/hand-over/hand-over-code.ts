import { createHash } from 'node:crypto'
import type { HandOverDigest } from './hand-over-store.ts'

/** Crockford's base32: no I, L, O, U, which people take for 1, 1, 0 and V. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const GROUPS = 4
/** Random characters in a group; one check character follows them. */
const GROUP_DATA = 4
/** 16 characters of 5 bits. */
export const HAND_OVER_OCTETS = (GROUPS * GROUP_DATA * 5) / 8
const DOMAIN = 'sekisho hand-over code\0'

/**
 * `XXXXC-XXXXC-XXXXC-XXXXC`: 80 random bits in four groups, each closed by a check character, so that a page can say which group
 * was mistyped, and two groups that changed places are noticed.
 *
 * @param octets ten of them, random
 */
export function formatHandOverCode(octets: Uint8Array): string {
  if (octets.length !== HAND_OVER_OCTETS) throw new RangeError('a hand-over code is made of ten octets')
  const bits = [...octets].map((octet) => octet.toString(2).padStart(8, '0')).join('')
  return Array.from({ length: GROUPS }, (_, group) => {
    const values = Array.from({ length: GROUP_DATA }, (__, place) => {
      const from = (group * GROUP_DATA + place) * 5
      return Number.parseInt(bits.slice(from, from + 5), 2)
    })
    return [...values, checkOf(values, group)].map((value) => ALPHABET.charAt(value)).join('')
  }).join('-')
}

/**
 * What a person typed, as it was shown: any case, any spaces and dashes, O for 0, I and L for 1.
 *
 * @returns the code as `formatHandOverCode` writes it, or the groups (1–4) that cannot be right; all four for a wrong length
 */
export function parseHandOverCode(
  typed: string,
): { readonly code: string } | { readonly mistypedGroups: readonly number[] } {
  const characters = typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\p{Pd}]/gu, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1')
  const groups = characters.match(/.{5}/gs) ?? []
  const isWhole = groups.length === GROUPS && characters.length === GROUPS * (GROUP_DATA + 1)
  if (!isWhole) return { mistypedGroups: Array.from({ length: GROUPS }, (_, group) => group + 1) }
  const mistypedGroups = groups.flatMap((text, group) => (isSound(text, group) ? [] : [group + 1]))
  return mistypedGroups.length > 0 ? { mistypedGroups } : { code: groups.join('-') }
}

/** What is stored of a code. 80 random bits: there is nothing to be guessed back, so the digest needs no key. */
export function digestHandOverCode(code: string): HandOverDigest {
  return new Uint8Array(createHash('sha256').update(DOMAIN).update(code, 'ascii').digest()) as HandOverDigest
}

function isSound(text: string, group: number): boolean {
  const values = Array.from(text, (character) => ALPHABET.indexOf(character))
  return !values.includes(-1) && values.at(-1) === checkOf(values.slice(0, -1), group)
}

/**
 * A weighted sum over GF(32) with weights 2, 4, 8, 16, and the number of the group: any one wrong character changes it, and so do any
 * two that changed places.
 */
function checkOf(values: readonly number[], group: number): number {
  return values.reduce((sum, value, place) => sum ^ multiply(value, 2 << place), group + 1)
}

/** In GF(2⁵) modulo x⁵ + x² + 1. */
function multiply(left: number, right: number): number {
  let product = 0
  for (let bit = 4; bit >= 0; bit--) {
    product <<= 1
    if (product & 0b100000) product ^= 0b100101
    if (right & (1 << bit)) product ^= left
  }
  return product
}
