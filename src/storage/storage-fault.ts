import pg from 'pg'
import { Refusal } from '../error-registry/refusal.ts'

/**
 * SQLSTATEs that speak of the server's condition, not of our statement (PostgreSQL, appendix A): connection, read-only after
 * a failover, idle for too long, log-in refused, no such database, rolled back by a conflict, resources and disk, locks,
 * shutdown and cancelled statements, system error, corruption.
 */
const UNAVAILABLE = /^(?:08|25006$|25P03$|28|3D|40|53|55|57|58|XX)/

/** A text or a JSON text with NUL in it, which PostgreSQL has none of. What we write ourselves has none either: somebody sent it. */
const NOT_A_TEXT = /^22(?:021|P05)$/

/** Set by pg on what `new Error` alone would not carry: ECONNREFUSED and its kin, by name of the operating system. */
const SYSTEM_ERROR = /^E[A-Z_]+$/

/** What pg throws by itself when a connection is gone or does not answer; it gives these no code. */
const CONNECTION_MESSAGE =
  /connection|connect\b|timeout|terminated|not queryable|Cannot use a pool after calling end|server does not support SSL/i

/**
 * Translates a fault at the store boundary: one that means "the database did not answer" becomes the refusal that callers
 * fail closed upon, and one that somebody's request brings about becomes theirs; a fault of our own statement stays what it is.
 *
 * @returns a Refusal whose detail is for the operator's log (no statement, no parameter), or the fault itself
 */
export function translateStorageFault(fault: unknown): unknown {
  if (!(fault instanceof Error) || fault instanceof Refusal) return fault
  const code = 'code' in fault && typeof fault.code === 'string' ? fault.code : ''
  if (fault instanceof pg.DatabaseError && NOT_A_TEXT.test(code))
    return new Refusal('CLIENT_REQUEST_INVALID', code, { cause: fault })
  const unavailable =
    fault instanceof pg.DatabaseError
      ? UNAVAILABLE.test(code)
      : SYSTEM_ERROR.test(code) || CONNECTION_MESSAGE.test(fault.message)
  return unavailable
    ? new Refusal('SERVER_STORAGE_UNAVAILABLE', code === '' ? fault.message : code, { cause: fault })
    : fault
}
