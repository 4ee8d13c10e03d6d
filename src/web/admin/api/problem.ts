import type { ErrorRequestHandler, Response } from 'express'
import type { z } from 'zod'
import { Refusal } from '../../../error-registry/refusal.ts'
import type { ErrorCode } from '../../../error-registry/registry.ts'
import { ACR_PHRH } from '../../../sign-in/authentication-context.ts'
import { answerProblems, TOKEN_CHALLENGES, type ProblemDependencies } from '../../answer-problems.ts'
import { FRESH_TAP_SECONDS } from './authenticate-caller.ts'
import type { ApiRoute } from './define-api-route.ts'

/** A request that does not fit its schema: which field, and why. Never what stood in it. */
export class RequestRefused extends Refusal {
  readonly faults: readonly { readonly at: string; readonly fault: string }[]
  constructor(where: 'path' | 'query' | 'body', { issues }: z.ZodError) {
    super('ADMIN_REQUEST_INVALID', where)
    this.faults = issues
      .slice(0, 50)
      .map(({ path, message }) => ({ at: [where, ...path.map(String)].join('.'), fault: message }))
  }
}

/** The refusals of the admin API. */
export function answerAdminProblems(deps: ProblemDependencies): ErrorRequestHandler {
  return answerProblems(
    { ...deps, toRefusal: (fault) => refusalOf(fault, deps.toRefusal) },
    { faultsOf: (refusal) => (refusal instanceof RequestRefused ? refusal.faults : undefined), challenge },
  )
}

/** RFC 6750 §3, RFC 9449 §7.1, RFC 9470 §3. */
function challenge(res: Response, code: ErrorCode): void {
  const error = CHALLENGES[code]
  if (error === undefined) return
  const words = error === '' ? [] : [`error="${error}"`]
  const { route } = res.locals as { readonly route?: ApiRoute }
  if (error === 'insufficient_scope' && route !== undefined) words.push(`scope="${route.scope}"`)
  if (code === 'ADMIN_TAP_TOO_OLD') words.push(`acr_values="${ACR_PHRH}"`, `max_age="${FRESH_TAP_SECONDS}"`)
  for (const scheme of ['Bearer', 'DPoP']) {
    res.append('WWW-Authenticate', [`${scheme} realm="sekisho administration"`, ...words].join(', '))
  }
}

const CHALLENGES: Readonly<Partial<Record<ErrorCode, string>>> = {
  ...TOKEN_CHALLENGES,
  ADMIN_TAP_TOO_OLD: 'insufficient_user_authentication',
}

/** What the reader of bodies says, in our words. */
function refusalOf(fault: unknown, toRefusal: (fault: unknown) => Refusal): Refusal {
  if (fault instanceof Refusal) return fault
  const status = fault instanceof Error && 'status' in fault ? fault.status : undefined
  if (status === 413) return new Refusal('CLIENT_BODY_TOO_LARGE')
  if (status === 400) return new Refusal('ADMIN_REQUEST_INVALID', 'a body that is no JSON', { cause: fault })
  if (status === 415) return new Refusal('CLIENT_BODY_NOT_JSON')
  return toRefusal(fault)
}
