import type { z } from 'zod'

/** One key of the environment. */
export interface Setting<Value> {
  readonly schema: z.ZodType<Value, string>
  /** What it does; a row of docs/config.md. */
  readonly summary: string
  /** How it is written. */
  readonly format: string
  /** The text that stands in when the key is not set. */
  readonly fallback?: string
  /** What happens without it, where that is not a text. */
  readonly unset?: string
  /** Never shown; may come from the file that `NAME_FILE` names. */
  readonly secret?: true
}

export const setting = <Value>(description: Setting<Value>): Setting<Value> => description

/** `unset` of the secrets that a development machine makes for itself. */
export const MADE_ONCE = 'development: made once, kept in `DATA_DIR/secrets.json`; production: must be set'
