import { z } from 'zod'

/** RFC 7518 §6, RFC 8037 §2: members that only the owner of a key may know; `k` is a shared secret. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

const publicJwkSchema = z
  .looseObject({
    kty: z.enum(['EC', 'RSA', 'OKP'], 'must be EC, RSA or OKP'),
    kid: z.string().min(1).max(255).optional(),
    use: z.literal('sig', 'must be sig: nothing is encrypted').optional(),
  })
  .superRefine((jwk, ctx) => {
    const secret = PRIVATE_MEMBERS.find((member) => Object.hasOwn(jwk, member))
    if (secret !== undefined)
      ctx.addIssue({ code: 'custom', path: [secret], message: 'is private: send the public key only' })
  })

/** Public keys of a client, RFC 7517 §5. */
export const publicJwksSchema = z.strictObject({ keys: z.array(publicJwkSchema).min(1).max(10) })
