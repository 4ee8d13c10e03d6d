export { AGENT_PORT, FORMAT, MAX_RESPONSE_BYTES, MAX_TICKET_BYTES } from './format.ts'
export { isCanonicalBase64 } from './canonical-base64.ts'
export { buildTranscript, digestInfoOfTranscript, type TranscriptInput } from './transcript.ts'
export { isCanonicalOrigin, isLocalhostOrigin, parseProviderOrigin, providerName } from './provider-origin.ts'
export { AGENT_FAILURE_CODES, type AgentFailureCode } from './agent-failure-codes.ts'
export {
  SIGNATURE_ALGORITHMS,
  agentApiErrorSchema,
  completionSchema,
  contextSchema,
  failedResponseSchema,
  responseSchema,
  signedResponseSchema,
  ticketIdSchema,
  ticketSchema,
  type CompletionMessage,
  type FailedResponse,
  type ResponseMessage,
  type SignatureAlgorithm,
  type SignedResponse,
  type TicketMessage,
  type TranscriptContext,
} from './messages.ts'
