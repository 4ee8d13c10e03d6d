import { describe, expect, test } from 'vitest'
import {
  activated,
  erased,
  isInJwks,
  NEXT_STATES,
  retired,
  SigningKeyRefused,
} from '../../../src/signing-key/signing-key-states.ts'
import type { SigningKeyState, StoredSigningKey } from '../../../src/signing-key/signing-key-store.ts'

const NOW = new Date('2026-11-22T03:00:00Z')
const LATER = new Date('2026-11-29T03:00:00Z')

const keyThatIs = (state: SigningKeyState): StoredSigningKey => ({
  kid: state,
  algorithm: 'ES256',
  publicJwk: {},
  sealedPrivateJwk: Buffer.from('sealed'),
  state,
  publishedAt: NOW,
  activatesAt: NOW,
  activatedAt: state === 'published' ? undefined : NOW,
  retiredAt: state === 'retired' ? NOW : undefined,
  publishedUntil: state === 'retired' ? LATER : undefined,
})

describe('the states of a signing key', () => {
  const STATES = Object.keys(NEXT_STATES) as SigningKeyState[]
  const MOVES = STATES.flatMap((from) =>
    (['active', 'retired'] as const).map((to) => [from, to, NEXT_STATES[from].includes(to)] as const),
  )

  test.each(MOVES)('%s → %s: allowed %s', (from, to, allowed) => {
    const move = (): StoredSigningKey =>
      to === 'active' ? activated(keyThatIs(from), NOW) : retired(keyThatIs(from), NOW, LATER)
    if (allowed) expect(move().state).toBe(to)
    else expect(move).toThrow(SigningKeyRefused)
  })

  test('a retired key that left the JWKS, or has no private half, never signs again', () => {
    expect(() => activated(keyThatIs('retired'), LATER)).toThrow(SigningKeyRefused)
    expect(() => activated(erased(keyThatIs('retired')), NOW)).toThrow(SigningKeyRefused)
  })

  test('attack 43, rollback: a retired key that signs again is not about to leave', () => {
    expect(activated(keyThatIs('retired'), NOW)).toMatchObject({ retiredAt: undefined, publishedUntil: undefined })
  })

  test.each([
    ['published', keyThatIs('published'), true],
    ['active', keyThatIs('active'), true],
    ['retired', keyThatIs('retired'), true],
    ['retired and erased', erased(keyThatIs('retired')), false],
    ['retired and compromised', { ...keyThatIs('retired'), publishedUntil: NOW }, false],
  ])('%s is in the JWKS: %s', (_name, key, is) => {
    expect(isInJwks(key, NOW)).toBe(is)
  })
})
