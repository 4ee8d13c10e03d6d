import { Refusal } from '../../error-registry/refusal.ts'

/** Error replies that speak of the server's condition, not of our command. */
const UNAVAILABLE =
  /^(?:LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|OOM|MISCONF|NOREPLICAS|BUSY|TRYAGAIN|NOAUTH|WRONGPASS|NOPERM|UNKILLABLE|MOVED|ASK|INCARNATION)\b/

/**
 * Translates a fault at the store boundary, as `storage-fault.ts` does: whatever means "Redis did not answer, or may not be believed"
 * becomes the refusal that callers fail closed upon. A command's arguments hang on an error of ioredis; they stay here.
 */
export function translateRedisFault(fault: unknown): unknown {
  if (!(fault instanceof Error) || fault instanceof Refusal) return fault
  const bare = new Error(fault.message)
  if (fault.name === 'ReplyError' && !UNAVAILABLE.test(fault.message)) return bare
  return new Refusal('SERVER_STORAGE_UNAVAILABLE', `Redis: ${fault.message}`, { cause: bare })
}
