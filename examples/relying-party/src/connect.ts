import * as oidc from 'openid-client'

export type Connect = () => Promise<oidc.Configuration>

/** Reads the provider's discovery document once, when it is first needed. A failed try is not remembered. */
export function createConnect({
  issuer,
  clientId,
  clientSecret,
}: {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
}): Connect {
  let discovered: Promise<oidc.Configuration> | undefined
  return () => {
    discovered ??= oidc
      .discovery(new URL(issuer), clientId, undefined, oidc.ClientSecretBasic(clientSecret), {
        // http is for a provider on this very machine; the library marks the switch so that nobody takes it for more
        // eslint-disable-next-line @typescript-eslint/no-deprecated
        execute: issuer.startsWith('http://localhost') ? [oidc.allowInsecureRequests] : [],
      })
      .catch((fault: unknown) => {
        discovered = undefined
        throw fault
      })
    return discovered
  }
}
