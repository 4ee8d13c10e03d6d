import { expect } from 'vitest'

/** vitest's own matchers are `any`; in a literal they would make everything around them `any` too. */
export const someNumber: unknown = expect.any(Number)
export const someText: unknown = expect.any(String)

export function textLike(pattern: RegExp): unknown {
  return expect.stringMatching(pattern)
}
