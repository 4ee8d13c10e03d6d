import type { ErrorRequestHandler, Response } from 'express'
import { FAPI_ALGORITHMS } from '../relying-party/algorithms.ts'
import { FieldsRefused } from '../relying-party/link/link-request.ts'
import { Refusal } from '../error-registry/refusal.ts'
import type { ErrorCode } from '../error-registry/registry.ts'
import { answerProblems, TOKEN_CHALLENGES, type ProblemDependencies } from './answer-problems.ts'

/** The refusals of the API for link tickets. @param scope the one that is wanted */
export function answerLinkProblems(deps: ProblemDependencies, scope: string): ErrorRequestHandler {
  return answerProblems(
    { ...deps, toRefusal: (fault) => deps.toRefusal(refusalOfBody(fault) ?? fault) },
    {
      faultsOf: (refusal) => (refusal instanceof FieldsRefused ? refusal.faults : undefined),
      challenge: (res, code) => {
        challenge(res, code, scope)
      },
    },
  )
}

/** RFC 6750 §3, RFC 9449 §7.1. */
function challenge(res: Response, code: ErrorCode, scope: string): void {
  const error = TOKEN_CHALLENGES[code]
  if (error === undefined) return
  const words = error === '' ? [] : [`error="${error}"`]
  if (error === 'insufficient_scope') words.push(`scope="${scope}"`)
  res.append('WWW-Authenticate', ['Bearer realm="sekisho"', ...words].join(', '))
  res.append('WWW-Authenticate', ['DPoP realm="sekisho"', ...words, `algs="${FAPI_ALGORITHMS.join(' ')}"`].join(', '))
}

/** What the reader of bodies says, in our words; it names each of its faults by a type. */
function refusalOfBody(fault: unknown): Refusal | undefined {
  if (!(fault instanceof Error && 'type' in fault && 'status' in fault)) return undefined
  return new Refusal(fault.status === 413 ? 'CLIENT_BODY_TOO_LARGE' : 'CLIENT_BODY_NOT_JSON')
}
