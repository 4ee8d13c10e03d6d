/** JWS algorithms that a client may sign with (RFC 7518 §3.1, RFC 8037): never `none`, never a shared secret. */
export const CLIENT_ALGORITHMS = ['ES256', 'PS256', 'EdDSA', 'Ed25519', 'RS256'] as const
export type ClientAlgorithm = (typeof CLIENT_ALGORITHMS)[number]

/** FAPI 2.0 Security Profile §5.4: no RSASSA-PKCS1-v1_5. */
export const FAPI_ALGORITHMS = ['ES256', 'PS256', 'EdDSA', 'Ed25519'] as const satisfies readonly ClientAlgorithm[]

/** What this provider signs with. The client's registration chooses. */
export const PROVIDER_ALGORITHMS = ['ES256', 'PS256', 'EdDSA', 'RS256'] as const
export type ProviderAlgorithm = (typeof PROVIDER_ALGORITHMS)[number]

/** Whether FAPI 2.0 allows it. */
export function isFapiAlgorithm(algorithm: string): boolean {
  return (FAPI_ALGORITHMS as readonly string[]).includes(algorithm)
}
