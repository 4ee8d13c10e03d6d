import { z } from 'zod'
import { integer, list, octets, versionedKeys } from '../setting-formats.ts'
import { MADE_ONCE, setting } from '../setting.ts'

/** Secrets, and the keys that sign tokens. */
export const KEY_SETTINGS = {
  COOKIE_KEYS: setting({
    schema: list(z.string().min(32, 'must be at least 32 characters each')),
    summary:
      'Sign the cookies. The first signs, all are accepted: put a new one in front, drop the last after a session’s life.',
    format: 'comma-separated, at least 32 characters each',
    unset: MADE_ONCE,
    secret: true,
  }),
  HANDLE_PEPPER: setting({
    schema: versionedKeys,
    summary:
      'Keys the digest by which a card is known. **Lost, and every account is lost.** The first is written, all are looked for; ' +
      'to change it: `1:…` → `1:…,2:…` → `2:…,1:…`, each on every process before the next step.',
    format: '`VERSION:BASE64[,VERSION:BASE64…]`, 32–64 octets each',
    unset: MADE_ONCE,
    secret: true,
  }),
  KEY_ENCRYPTION_KEY: setting({
    schema: list(octets(32, 32)),
    summary:
      'Encrypts the provider’s private keys in the database (AES-256-GCM). The first encrypts, all decrypt; to change it: ' +
      '`old` → `old,new` → `new,old`, each on every process before the next step; then `sekisho key reseal`, then `new`.',
    format: 'comma-separated, 32 octets in base64 each',
    unset: MADE_ONCE,
    secret: true,
  }),
  SIGNING_KEY_DAYS: setting({
    schema: integer(2, 3650),
    summary: 'How long one key signs tokens. The next one is made and put to use by itself.',
    format: '2–3650',
    fallback: '90',
  }),
  SIGNING_KEY_PUBLISH_AHEAD_DAYS: setting({
    schema: integer(1, 365),
    summary: 'How long a new key is in the JWKS before it signs: longer than any site keeps a JWKS.',
    format: '1–365, less than `SIGNING_KEY_DAYS`',
    fallback: '7',
  }),
} as const
