import { hash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'

/**
 * A client secret as it is kept. SHA-256 without salt or stretching is enough for one reason only: the secret is 256 random bits,
 * and nobody goes through those.
 */
export interface ClientSecret {
  /** SHA-256, base64url. */
  readonly digest: string
  readonly createdAt: Date
  /** Not accepted from then on; without it, until it is replaced. */
  readonly endsAt?: Date | undefined
}

const date = z.iso.datetime().transform((text) => new Date(text))

/** JSON; written by `ClientStore`. */
export const clientSecretsSchema = z.array(
  z
    .object({ digest: z.string().length(43), createdAt: date, endsAt: date.nullish() })
    .transform(({ endsAt, ...secret }): ClientSecret => ({ ...secret, endsAt: endsAt ?? undefined })),
)

/** @param random `octets` of it, from a cryptographic source */
export function drawClientSecret(random: (octets: number) => Uint8Array): string {
  return Buffer.from(random(32)).toString('base64url')
}

export function digestClientSecret(secret: string): string {
  return hash('sha256', secret, 'base64url')
}

export function isLive({ endsAt }: ClientSecret, now: Date): boolean {
  return endsAt === undefined || now < endsAt
}

/** Whether this is one of the client's secrets that are accepted now. Compares digests in constant time. */
export function matchesClientSecret(presented: string, secrets: readonly ClientSecret[], now: Date): boolean {
  const digest = Buffer.from(digestClientSecret(presented))
  let matches = false
  for (const secret of secrets) {
    // each of them is compared, whichever it was
    if (isLive(secret, now) && timingSafeEqual(digest, Buffer.from(secret.digest))) matches = true
  }
  return matches
}
