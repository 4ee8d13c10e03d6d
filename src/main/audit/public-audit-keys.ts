import { createPublicKey, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { CommandRefused, EX_DATAERR } from '../command-refused.ts'

const keySchema = z.looseObject({ kid: z.string(), kty: z.string() })
export type PublicAuditKey = z.output<typeof keySchema>

/** ES256 keys by their ids; keys of other kinds never sealed anything. */
export function importAuditKeys(jwks: readonly PublicAuditKey[]): ReadonlyMap<string, KeyObject> {
  return new Map(
    jwks
      .filter(({ kty, crv }) => kty === 'EC' && crv === 'P-256')
      .map((jwk) => [jwk.kid, createPublicKey({ key: jwk, format: 'jwk' })]),
  )
}

/** A JWK Set (RFC 7517 §5) in a file, as a site's copy of `/jwks` is. @throws CommandRefused */
export async function readAuditKeys(file: string): Promise<readonly PublicAuditKey[]> {
  try {
    return z.looseObject({ keys: z.array(keySchema) }).parse(JSON.parse(await readFile(file, 'utf8'))).keys
  } catch (cause) {
    throw new CommandRefused(EX_DATAERR, `${file} is not a JWK Set.`, { cause })
  }
}
