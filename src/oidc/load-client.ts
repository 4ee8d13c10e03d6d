import type Provider from 'oidc-provider'
import { errors } from 'oidc-provider'

/** Loads a client as a request to an endpoint would, its sector and its registration checked. @returns why that fails, or undefined */
export type LoadClient = (clientId: string) => Promise<string | undefined>

export function createLoadClient(provider: Provider): LoadClient {
  return async (clientId) => {
    try {
      return (await provider.Client.find(clientId)) === undefined ? 'unknown' : undefined
    } catch (fault) {
      if (!(fault instanceof errors.OIDCProviderError)) throw fault
      return fault.error_description ?? fault.error
    }
  }
}
