import type { ErrorRequestHandler } from 'express'
import { Refusal } from '../../error-registry/refusal.ts'
import { tellWhenToRetry } from '../limit-rate.ts'
import type { Admin } from './caller.ts'
import type { DrawConsole } from './draw-console.ts'

export interface AnswerConsoleErrorsDependencies {
  readonly draw: DrawConsole
  readonly toRefusal: (fault: unknown) => Refusal
  readonly newIncidentId: () => string
  readonly onRefusal: (refusal: Refusal, incidentId: string) => void
}

/** The one place where a refusal becomes a page of the console. */
export function answerConsoleErrors(deps: AnswerConsoleErrorsDependencies): ErrorRequestHandler {
  return (fault: unknown, req, res, next) => {
    if (res.headersSent) {
      next(fault)
      return
    }
    const refusal = refusalOf(fault, deps.toRefusal)
    tellWhenToRetry(res, refusal)
    const incidentId = deps.newIncidentId()
    deps.onRefusal(refusal, incidentId)
    deps.draw.send(
      req,
      res,
      {
        view: 'admin/error',
        titleKey: `errors.${refusal.code}.title`,
        status: refusal.entry.status,
        values: { code: refusal.code, incidentId },
      },
      res.locals['admin'] as Admin | undefined,
    )
  }
}

/** What express refuses before anybody has looked at it: a form that is too large, or none. */
function refusalOf(fault: unknown, toRefusal: (fault: unknown) => Refusal): Refusal {
  const status = fault instanceof Error && 'status' in fault ? fault.status : undefined
  const isUnreadable = status === 400 || status === 413 || status === 415
  return isUnreadable && !(fault instanceof Refusal)
    ? new Refusal('ADMIN_FORM_INVALID', 'a form that cannot be read', { cause: fault })
    : toRefusal(fault)
}
