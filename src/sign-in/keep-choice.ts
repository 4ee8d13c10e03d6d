import type { ChoiceStore, PendingChoice } from './choice-store.ts'
import { createToken, digestToken, type RandomBytes } from './random-token.ts'

/** How long the person may look for their code. */
export const CHOICE_LIFE_MS = 10 * 60_000
/** Codes that may be typed after one tap of a card. */
export const CHOICE_TRIES = 5

/** @returns the token: 43 characters base64url, for a form in the page of this browser */
export async function keepChoice(
  { choices, random }: { readonly choices: ChoiceStore; readonly random: RandomBytes },
  pending: PendingChoice,
): Promise<string> {
  const token = createToken(random)
  await choices.put(digestToken(token), pending)
  return token
}

/** Evidence that waits for a choice opens as nothing else. */
export function choicePurpose(interactionId: string): string {
  return `sign-in choice ${interactionId}`
}
