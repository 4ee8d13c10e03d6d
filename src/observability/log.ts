import { pino, type DestinationStream, type Logger, type LevelWithSilent } from 'pino'
import { currentRequest } from './request-context.ts'

export type Log = Logger
/** Takes whole lines. */
export type LogDestination = DestinationStream
export type LogLevel = LevelWithSilent

/**
 * Fields that never reach a log, wherever they stand: a second net under the rule that nobody logs them.
 * Bodies, queries and headers are never logged at all.
 */
const NEVER = [
  'pin',
  'serial',
  'serialNumber',
  'certificate',
  'unverifiedCertificateDer',
  'signature',
  'unverifiedSignature',
  'nonce',
  'ticket',
  'code_verifier',
  'client_secret',
  'secret',
  'password',
  'cookie',
  'authorization',
  'access_token',
  'refresh_token',
  'id_token',
]

/** JSON lines (pino), each with the id of the request that is being answered, and of its incident. Errors are logged by name, code, message and stack; never with what they were about. */
export function createLog({
  level,
  destination,
}: {
  readonly level: LogLevel
  readonly destination?: LogDestination | undefined
}): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: NEVER.flatMap((field) => [field, `*.${field}`]), remove: true },
      serializers: { err: describeFault },
      mixin: describeRequest,
      // what the line itself says comes first
      mixinMergeStrategy: (line, ofRequest) => ({ ...ofRequest, ...line }),
    },
    destination ?? pino.destination({ fd: 2, sync: false }),
  )
}

function describeRequest(): object {
  const request = currentRequest()
  if (request === undefined) return {}
  const { requestId, incidentId } = request
  return incidentId === undefined ? { requestId } : { requestId, incidentId }
}

/** What a log may say of a fault. `cause` goes one step down; further fields of foreign errors (a query's values) stay out. */
export function describeFault(fault: unknown): object {
  if (!(fault instanceof Error)) return { type: typeof fault }
  return {
    type: fault.name,
    ...('code' in fault && typeof fault.code === 'string' ? { code: fault.code } : {}),
    message: fault.message,
    stack: fault.stack,
    ...(fault.cause instanceof Error ? { cause: `${fault.cause.name}: ${fault.cause.message}` } : {}),
  }
}
