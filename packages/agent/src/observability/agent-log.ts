import { pino, stdTimeFunctions } from 'pino'

type Write = (fields: Record<string, unknown>, message: string) => void

/** The part of pino's logger that this program uses. */
export interface AgentLog {
  readonly debug: Write
  readonly info: Write
  readonly warn: Write
  readonly error: Write
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** To standard error unless told: standard output belongs to the command. */
export function createAgentLog({
  level,
  destination,
}: {
  readonly level: LogLevel
  /** Takes whole lines. */
  readonly destination?: { write(line: string): void } | undefined
}): AgentLog {
  return pino(
    { level, base: null, timestamp: stdTimeFunctions.isoTime },
    destination ?? pino.destination({ fd: 2, sync: true }),
  )
}
