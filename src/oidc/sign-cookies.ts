import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'

/** What koa's `cookies` asks of the keys it is given (the methods of Keygrip). */
export interface CookieSigner {
  sign(data: string): string
  verify(data: string, signature: string): boolean
  /** Which key signed; -1: none of these. With any but the first, `cookies` signs anew. */
  index(data: string, signature: string): number
}

/**
 * Signs cookies to the octet as Keygrip does (HMAC-SHA-1, RFC 2104; base64url without padding), so that those of neighbouring releases
 * stay good. Keygrip compares by two more HMACs under a key that it draws and imports for every comparison, which was the dearest single
 * thing in a log-in; here keys are imported once, and one comparison takes its time from the length alone.
 *
 * @param keys newest first; the first signs, all verify
 */
export function createCookieSigner(keys: readonly string[]): CookieSigner {
  const [current, ...older] = keys.map((key) => createSecretKey(key, 'utf8'))
  if (current === undefined) throw new Error('no key to sign cookies with')
  const all = [current, ...older]
  const signatureOf = (data: string, key: typeof current): string =>
    createHmac('sha1', key).update(data).digest('base64url')
  const index = (data: string, signature: string): number => {
    const shown = Buffer.from(signature)
    return all.findIndex((key) => {
      const right = Buffer.from(signatureOf(data, key))
      return right.length === shown.length && timingSafeEqual(right, shown)
    })
  }
  return {
    sign: (data) => signatureOf(data, current),
    verify: (data, signature) => index(data, signature) > -1,
    index,
  }
}
