import type { Configuration } from 'oidc-provider'
import { CLIENT_ALGORITHMS, FAPI_ALGORITHMS, PROVIDER_ALGORITHMS } from '../relying-party/algorithms.ts'

/** What we sign with, and what we accept: neither `none` nor a shared secret anywhere (RFC 8725 §3.1, §3.2; attack 8). */
export const ENABLED_ALGORITHMS = {
  idTokenSigningAlgValues: [...PROVIDER_ALGORITHMS],
  authorizationSigningAlgValues: [...PROVIDER_ALGORITHMS],
  introspectionSigningAlgValues: [...PROVIDER_ALGORITHMS],
  clientAuthSigningAlgValues: [...CLIENT_ALGORITHMS],
  requestObjectSigningAlgValues: [...CLIENT_ALGORITHMS],
  // a proof carries its own key: no reason to accept old ones
  dPoPSigningAlgValues: [...FAPI_ALGORITHMS],
} satisfies NonNullable<Configuration['enabledJWA']>
