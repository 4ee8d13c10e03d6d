import type { ErrorRequestHandler, Response } from 'express'
import type { Refusal } from '../error-registry/refusal.ts'
import type { ErrorCode } from '../error-registry/registry.ts'
import { tellWhenToRetry } from './limit-rate.ts'

/** How the refusals of an API reach its callers and our log. */
export interface ProblemDependencies {
  readonly toRefusal: (fault: unknown) => Refusal
  /** What the registry says of a code, in English: programs read the code, their developers this. */
  readonly titleOf: (code: ErrorCode) => string
  readonly newIncidentId: () => string
  readonly onRefusal: (refusal: Refusal, incidentId: string) => void
}

/** What one API says in its own way. */
export interface ProblemWords {
  /** Which fields are at fault, and why; never what stood in them. */
  readonly faultsOf: (refusal: Refusal) => readonly object[] | undefined
  /** `WWW-Authenticate`. */
  readonly challenge: (res: Response, code: ErrorCode) => void
}

/** `error` of a challenge, RFC 6750 §3.1, by code. Without a token there is nothing to explain. */
export const TOKEN_CHALLENGES: Readonly<Partial<Record<ErrorCode, string>>> = {
  CLIENT_TOKEN_MISSING: '',
  CLIENT_TOKEN_INVALID: 'invalid_token',
  CLIENT_SCOPE_MISSING: 'insufficient_scope',
}

/** Refusals of an API as problem documents (RFC 9457), with the code of the registry. The detail goes to the log alone. */
export function answerProblems(deps: ProblemDependencies, { faultsOf, challenge }: ProblemWords): ErrorRequestHandler {
  return (fault: unknown, _req, res, next) => {
    if (res.headersSent) {
      next(fault)
      return
    }
    const refusal = deps.toRefusal(fault)
    const { code, entry } = refusal
    const incident = deps.newIncidentId()
    deps.onRefusal(refusal, incident)
    tellWhenToRetry(res, refusal)
    challenge(res, code)
    const errors = faultsOf(refusal)
    res
      .status(entry.status)
      .type('application/problem+json')
      .send(
        JSON.stringify({
          type: `urn:sekisho:error:${code}`,
          title: deps.titleOf(code),
          status: entry.status,
          code,
          incident,
          ...(errors === undefined ? {} : { errors }),
        }),
      )
  }
}
