import type { Dispatcher } from 'undici'
import { z } from 'zod'
import { ProviderFailure } from '../provider/provider-failure.ts'
import { requestJson } from '../provider/request-json.ts'
import { TrustListFault, type TrustedProvider } from './trust-list.ts'

const MAX_DISCOVERY_BYTES = 64 * 1024
const discoverySchema = z.looseObject({ issuer: z.string().max(512), authorization_endpoint: z.url().max(2048) })

/**
 * Asks the issuer for its discovery document, over TLS, and compares the name it gives itself
 * (OpenID Connect Discovery 1.0 §4.3: the issuer MUST be exactly the one asked for).
 *
 * @returns the provider's clock, if it told it
 * @throws TrustListFault ISSUER_UNREACHABLE, ISSUER_MISMATCH
 */
export async function checkIssuer(
  provider: TrustedProvider,
  { dispatcher, deadlineMs = 10_000 }: { dispatcher: Dispatcher; deadlineMs?: number },
): Promise<{ issuer: string; date: Date | undefined }> {
  const url = `${provider.origin}/.well-known/openid-configuration`
  const answer = await requestJson({ url, method: 'GET', dispatcher, deadlineMs, maxBytes: MAX_DISCOVERY_BYTES }).catch(
    (error: unknown) => {
      if (error instanceof ProviderFailure) throw new TrustListFault('ISSUER_UNREACHABLE', error.detail)
      throw error
    },
  )
  const parsed = discoverySchema.safeParse(answer.body)
  if (answer.status !== 200 || !parsed.success) throw new TrustListFault('ISSUER_MISMATCH', 'no discovery document')
  const { issuer } = parsed.data
  if (issuer !== provider.origin) throw new TrustListFault('ISSUER_MISMATCH', 'the document names another issuer')
  return { issuer, date: answer.date }
}
