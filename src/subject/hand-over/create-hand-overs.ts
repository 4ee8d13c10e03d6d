import { digestHandOverCode, formatHandOverCode, HAND_OVER_OCTETS } from './hand-over-code.ts'
import type { HandOverStore } from './hand-over-store.ts'

/** How long after its certificate's end an old card's code still works: somebody may renew at the last moment, and sign in months later. */
export const HAND_OVER_GRACE_MS = 90 * 24 * 60 * 60_000

/** Hand-over codes, for a person who is signed in with the old card. */
export interface HandOvers {
  /**
   * A new code for the credential; the one before stops working.
   *
   * @returns the code, `XXXXX-XXXXX-XXXXX-XXXXX`: shown now or never; undefined when the credential may not sign in
   */
  create(credentialId: string): Promise<{ readonly code: string; readonly expiresAt: Date } | undefined>
  /** Whether a code stands, since when and until when. */
  standing(credentialId: string): Promise<{ readonly createdAt: Date; readonly expiresAt: Date } | undefined>
}

export function createHandOvers({
  handOvers,
  now,
  random,
}: {
  readonly handOvers: HandOverStore
  readonly now: () => Date
  readonly random: (octets: number) => Uint8Array
}): HandOvers {
  return {
    async create(credentialId) {
      const code = formatHandOverCode(random(HAND_OVER_OCTETS))
      const created = await handOvers.create(
        { digest: digestHandOverCode(code), credentialId, at: now() },
        HAND_OVER_GRACE_MS,
        ({ accountId }) => [{ type: 'hand_over.created', accountId, credentialId }],
      )
      return created && { code, expiresAt: created.expiresAt }
    },
    standing: (credentialId) => handOvers.standing(credentialId, now()),
  }
}
