import { z } from 'zod'
import { ERROR_REGISTRY, type ErrorCode } from '../error-registry/registry.ts'
import { ADMINISTRATION_EVENTS } from './administration-events.ts'
import { CONSENT_EVENTS } from './consent-events.ts'
import { LINK_EVENTS } from './link-events.ts'
import { OPERATION_EVENTS } from './operation-events.ts'
import { PROPOSAL_EVENTS } from './proposal-events.ts'
import { SUBJECT_EVENTS } from './subject-events.ts'

const id = z.uuid()
const clientId = z.string().min(1).max(255)
const code = z.enum(Object.keys(ERROR_REGISTRY) as [ErrorCode, ...ErrorCode[]])

/**
 * Every event, and exactly what is remembered of it. Strict: a field that is not named here is refused, so that nothing about
 * a person or a certificate gets into the log by way of a larger object.
 */
const EVENT_SCHEMAS = [
  z.strictObject({
    type: z.literal('sign_in.succeeded'),
    clientId,
    accountId: id,
    credentialId: id,
    isNewAccount: z.boolean(),
    acr: z.string().min(1).max(255),
    revocation: z.strictObject({
      status: z.enum(['good', 'unknown', 'unavailable']),
      method: z.enum(['ocsp', 'crl', 'operator', 'none']),
      /** A name from the configuration. */
      source: z.string().max(255),
      checkedAt: z.date(),
    }),
  }),
  z.strictObject({ type: z.literal('sign_in.refused'), clientId, code }),
  z.strictObject({ type: z.literal('account.created'), accountId: id }),
  z.strictObject({
    type: z.literal('credential.first_seen'),
    accountId: id,
    credentialId: id,
    kind: z.enum(['card-auth', 'card-sign', 'phone-auth']),
  }),
  /** At the person's own page: a site's grants and tokens ended. */
  z.strictObject({ type: z.literal('site.disconnected'), accountId: id, clientId }),
  z.strictObject({ type: z.literal('session.ended'), accountId: id }),
  /** A certificate with the name of a known one, but another key or issuer: two authorities contradict each other. */
  z.strictObject({ type: z.literal('credential.conflict'), accountId: id, credentialId: id }),
  ...CONSENT_EVENTS,
  ...LINK_EVENTS,
  ...SUBJECT_EVENTS,
  ...PROPOSAL_EVENTS,
  ...OPERATION_EVENTS,
  ...ADMINISTRATION_EVENTS,
] as const

const eventSchema = z.discriminatedUnion('type', EVENT_SCHEMAS)

export type AuditEvent = z.infer<typeof eventSchema>

/** Every type that there is. */
export const AUDIT_EVENT_TYPES: readonly AuditEvent['type'][] = EVENT_SCHEMAS.flatMap(({ shape: { type } }) =>
  type instanceof z.ZodLiteral ? [...type.values] : type.options,
)

/**
 * Who did it: the person with the card, the operator on the command line, an administrator, by the id of their account, the server by
 * its own schedule, a program that registered itself, or a program at the admin API, by its client id.
 */
export type AuditActor = 'person' | 'operator' | 'schedule' | 'client' | `admin:${string}` | `service:${string}`

/** An event as it is stored: what is searched for has a place of its own, the rest is `details`. */
export interface AuditRecord {
  readonly at: Date
  readonly type: AuditEvent['type']
  readonly actor: AuditActor
  readonly accountId: string | undefined
  readonly credentialId: string | undefined
  readonly clientId: string | undefined
  readonly details: Readonly<Record<string, unknown>>
}

/** @throws ZodError when the event is not exactly what its schema says: a fault of ours */
export function recordOf(event: AuditEvent, at: Date, actor: AuditActor = 'person'): AuditRecord {
  const { type, ...rest } = eventSchema.parse(event)
  const { accountId, credentialId, clientId, ...details } = rest as Partial<Record<string, unknown>>
  return {
    at,
    type,
    actor,
    accountId: accountId as string | undefined,
    credentialId: credentialId as string | undefined,
    clientId: clientId as string | undefined,
    details,
  }
}
