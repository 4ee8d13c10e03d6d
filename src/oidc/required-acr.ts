import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'
import { z } from 'zod'
import { ACR_PHRH, ACR_VALUES } from '../sign-in/authentication-context.ts'

/** The classes of authentication that a request asks for, and whether it takes no other. */
export interface WantedAcr {
  readonly values: readonly string[]
  readonly essential: boolean
}

const acrMemberSchema = z.object({
  id_token: z.object({
    acr: z.object({
      essential: z.boolean().optional(),
      value: z.string().optional(),
      values: z.array(z.string()).optional(),
    }),
  }),
})

/**
 * OpenID Connect Core §3.1.2.1 `acr_values` (voluntary) and §5.5.1.1 `claims` (essential or not). Read from the parameters, because
 * oidc-provider lets `acr_values` overwrite an essential claim.
 */
export function wantedAcr(params: Readonly<Record<string, unknown>>): WantedAcr | undefined {
  const { acr_values: acrValues, claims } = params
  const voluntary = typeof acrValues === 'string' ? acrValues.split(' ').filter((value) => value !== '') : []
  // nearly no request has it
  const data = claims === undefined ? undefined : acrMemberSchema.safeParse(parseJson(claims)).data
  const { essential = false, value, values = value === undefined ? [] : [value] } = data?.id_token.acr ?? {}
  if (essential && values.length > 0) return { values, essential }
  const all = [...voluntary, ...values]
  return all.length === 0 ? undefined : { values: all, essential: false }
}

/** Whether only a certificate that was checked can satisfy the request: then the sign-in itself takes no other. */
export function requiresCheckedCertificate(params: Readonly<Record<string, unknown>>): boolean {
  const wanted = wantedAcr(params)
  return wanted?.essential === true && ACR_VALUES.every((acr) => acr === ACR_PHRH || !wanted.values.includes(acr))
}

const { Check } = interactionPolicy

/** Never a weaker session than asked (attack 11): another tap first, and an error where that cannot help. */
export const acrCheck = new Check(
  'acr',
  'the session was not made with the requested class of authentication',
  'login_required',
  ({ oidc }: KoaContextWithOIDC) => {
    const wanted = wantedAcr(oidc.params ?? {})
    if (wanted === undefined) return Check.NO_NEED_TO_PROMPT
    if (wanted.essential && !ACR_VALUES.some((acr) => wanted.values.includes(acr))) throw unmet()
    if (wanted.values.includes(oidc.session?.acr ?? '')) return Check.NO_NEED_TO_PROMPT
    if (oidc.result?.login === undefined) return Check.REQUEST_PROMPT
    if (wanted.essential) throw unmet()
    return Check.NO_NEED_TO_PROMPT
  },
)

/** OpenID Connect Core Error Code unmet_authentication_requirements 1.0. */
function unmet(): Error {
  return new errors.CustomOIDCProviderError(
    'unmet_authentication_requirements',
    'none of the requested acr values can be met',
  )
}

function parseJson(text: unknown): unknown {
  if (typeof text !== 'string') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
