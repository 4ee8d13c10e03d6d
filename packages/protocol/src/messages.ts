import { z } from 'zod'
import { FORMAT } from './format.ts'
import { AGENT_FAILURE_CODES } from './agent-failure-codes.ts'
import { isCanonicalBase64 } from './canonical-base64.ts'
import { isCanonicalOrigin } from './provider-origin.ts'

/** Algorithms of protocol.md "Bytes that are signed". The certificate's key decides; the field is only checked against it. */
export const SIGNATURE_ALGORITHMS = ['RS256', 'ES384'] as const
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number]

/** Characters a page or a log may show: no control characters, no line or bidi overrides, no half surrogate pair. */
const displayText = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u)

/** Standard base64 of at least one byte: canonical padding, and no bits set that stand for nothing (RFC 4648 §3.5). */
const base64 = (max: number) => z.string().min(4).max(max).refine(isCanonicalBase64)

/** The agent shows it to a person, so it has one spelling: lower case, an international host in Punycode. */
const origin = z.string().max(255).refine(isCanonicalOrigin)

/** 32 random bytes as base64url text. */
export const ticketIdSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

/** What `GET {issuer}/agent/tickets/{id}` answers, once. */
export const ticketSchema = z.strictObject({
  format: z.literal(FORMAT),
  nonce: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  /** JSON text; signed as it stands, byte for byte. */
  context: z
    .string()
    .min(2)
    .max(2048)
    .refine((text) => text.isWellFormed()),
  relying_party: z.strictObject({ name: displayText(120), origin }),
  locale: z.enum(['ja', 'en']),
  /** RFC 3339, UTC. */
  expires_at: z.iso.datetime(),
})
export type TicketMessage = z.infer<typeof ticketSchema>

/** The meaning of `context`. `interaction` is base64url SHA-256 of the interaction id. */
export const contextSchema = z.strictObject({
  client_id: z.string().min(1).max(255),
  interaction: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  acr: z.string().min(1).max(255),
})
export type TranscriptContext = z.infer<typeof contextSchema>

const agentSchema = z.strictObject({ name: displayText(64), version: displayText(32) })

/** `POST {issuer}/agent/tickets/{id}/response` when the card signed. */
export const signedResponseSchema = z.strictObject({
  format: z.literal(FORMAT),
  certificate: base64(8192),
  algorithm: z.enum(SIGNATURE_ALGORITHMS),
  signature: base64(1024),
  agent: agentSchema,
})
export type SignedResponse = z.infer<typeof signedResponseSchema>

/** The same address when it did not. */
export const failedResponseSchema = z.strictObject({
  format: z.literal(FORMAT),
  error: z.enum(AGENT_FAILURE_CODES),
  agent: agentSchema.optional(),
})
export type FailedResponse = z.infer<typeof failedResponseSchema>

export const responseSchema = z.union([signedResponseSchema, failedResponseSchema])
export type ResponseMessage = z.infer<typeof responseSchema>

/** The provider's answer to either: where the agent sends the browser. Always on the provider's own origin. */
export const completionSchema = z.strictObject({ completion_uri: z.url({ protocol: /^https?$/ }).max(2048) })
export type CompletionMessage = z.infer<typeof completionSchema>

/** What the provider's agent API answers to a request it refuses. Constant size per code; no detail. */
export const agentApiErrorSchema = z.strictObject({ error: z.string().regex(/^[A-Z][A-Z0-9_]{2,63}$/) })
