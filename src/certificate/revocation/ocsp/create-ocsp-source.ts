import type { RevocationAnswer, RevocationSource } from '../revocation-source.ts'
import type { UnavailableCause } from '../unavailable-cause.ts'
import { acceptOcspAnswer } from './accept-ocsp-answer.ts'
import { buildOcspRequest, NONCE_OCTETS, nonceValueOf } from './build-ocsp-request.ts'
import { createResponderFinder } from './find-responder.ts'
import type { OcspRules } from './ocsp-rules.ts'

/** Port: carries one request to a responder. Adapter: src/outbound/create-ocsp-transport.ts. */
export interface OcspTransport {
  /** @returns the body of the answer, or why there is none; it never throws */
  ask(requestDer: Uint8Array): Promise<Uint8Array | UnavailableCause>
}

export interface OcspSourceDependencies {
  /** From the configuration; may be told to relying parties. */
  readonly name: string
  readonly transport: OcspTransport
  readonly rules: OcspRules
  readonly random: (octets: number) => Uint8Array
  readonly now: () => Date
}

/**
 * OCSP as a source of revocation. The address comes from the configuration, never from the certificate: what a certificate says in
 * authorityInfoAccess is followed by nobody (attack 15).
 *
 * @see RFC 6960, RFC 9654, RFC 5019
 */
export function createOcspSource({ name, transport, rules, random, now }: OcspSourceDependencies): RevocationSource {
  const responders = createResponderFinder()
  const isSendingNonces = rules.nonce === 'required' || rules.nonce === 'optional'
  return {
    method: 'ocsp',
    name,
    async check(question): Promise<RevocationAnswer> {
      const nonceValue = isSendingNonces ? nonceValueOf(random(NONCE_OCTETS)) : undefined
      const body = await transport.ask(buildOcspRequest(question, nonceValue))
      const nowMs = now().getTime()
      const origin = { method: 'ocsp', source: name } as const
      const accepted =
        typeof body === 'string' ? body : acceptOcspAnswer(body, { ...question, nonceValue, rules, responders, nowMs })
      if (typeof accepted === 'string') {
        return { status: 'unavailable', cause: accepted, ...origin, checkedAt: new Date(nowMs) }
      }
      const { thisUpdate, nextUpdate, ...status } = accepted
      const validUntil = nextUpdate === undefined ? undefined : new Date(nextUpdate)
      return { ...status, ...origin, checkedAt: new Date(thisUpdate), validUntil }
    },
  }
}
