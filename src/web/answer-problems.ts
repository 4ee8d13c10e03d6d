import type { ErrorRequestHandler, Response } from 'express'
import { FAPI_ALGORITHMS } from '../relying-party/algorithms.ts'
import { FieldsRefused } from '../relying-party/link/link-request.ts'
import { Refusal } from '../error-registry/refusal.ts'
import type { ErrorCode } from '../error-registry/registry.ts'
import { tellWhenToRetry } from './limit-rate.ts'

export interface AnswerProblemsDependencies {
  readonly toRefusal: (fault: unknown) => Refusal
  /** What the registry says of a code, in English: programs read the code, their developers this. */
  readonly titleOf: (code: ErrorCode) => string
  readonly newIncidentId: () => string
  readonly onRefusal: (refusal: Refusal, incidentId: string) => void
  /** The scope that was wanted. */
  readonly scope: string
}

/** Refusals of an API as problem documents (RFC 9457), with the code of the registry. The detail goes to the log alone. */
export function answerProblems(deps: AnswerProblemsDependencies): ErrorRequestHandler {
  return (fault: unknown, _req, res, next) => {
    if (res.headersSent) {
      next(fault)
      return
    }
    const refusal = deps.toRefusal(refusalOfBody(fault) ?? fault)
    const { code, entry } = refusal
    const incidentId = deps.newIncidentId()
    deps.onRefusal(refusal, incidentId)
    tellWhenToRetry(res, refusal)
    challenge(res, code, deps.scope)
    res
      .status(entry.status)
      .type('application/problem+json')
      .send(
        JSON.stringify({
          type: `urn:sekisho:error:${code}`,
          title: deps.titleOf(code),
          status: entry.status,
          code,
          incident: incidentId,
          ...(refusal instanceof FieldsRefused ? { errors: refusal.faults } : {}),
        }),
      )
  }
}

/** RFC 6750 §3, RFC 9449 §7.1. Without a token there is nothing to explain. */
function challenge(res: Response, code: ErrorCode, scope: string): void {
  const error = CHALLENGES[code]
  if (error === undefined) return
  const words = error === '' ? [] : [`error="${error}"`]
  if (error === 'insufficient_scope') words.push(`scope="${scope}"`)
  res.append('WWW-Authenticate', ['Bearer realm="sekisho"', ...words].join(', '))
  res.append('WWW-Authenticate', ['DPoP realm="sekisho"', ...words, `algs="${FAPI_ALGORITHMS.join(' ')}"`].join(', '))
}

const CHALLENGES: Readonly<Partial<Record<ErrorCode, string>>> = {
  CLIENT_TOKEN_MISSING: '',
  CLIENT_TOKEN_INVALID: 'invalid_token',
  CLIENT_SCOPE_MISSING: 'insufficient_scope',
}

/** What the reader of bodies says, in our words; it names each of its faults by a type. */
function refusalOfBody(fault: unknown): Refusal | undefined {
  if (!(fault instanceof Error && 'type' in fault && 'status' in fault)) return undefined
  return new Refusal(fault.status === 413 ? 'CLIENT_BODY_TOO_LARGE' : 'CLIENT_BODY_NOT_JSON')
}
