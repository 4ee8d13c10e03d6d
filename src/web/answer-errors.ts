import type { ServerResponse } from 'node:http'
import type { ErrorRequestHandler } from 'express'
import type { ErrorCode } from '../error-registry/registry.ts'
import { Refusal } from '../error-registry/refusal.ts'
import { sendPage } from './direct/send.ts'
import { tellWhenToRetry } from './limit-rate.ts'
import type { Locale } from './locale.ts'
import { localeOfRequest } from './locale-of-request.ts'
import type { Render } from './render.ts'

export interface AnswerErrorsDependencies {
  readonly render: Render
  readonly defaultLocale: Locale
  readonly toRefusal: (fault: unknown) => Refusal
  readonly newIncidentId: () => string
  readonly onRefusal: (refusal: Refusal, incidentId: string) => void
}

/** The one place where a refusal becomes a page: words of the registry, an incident id, never the detail. */
export function showRefusals(deps: AnswerErrorsDependencies) {
  return (res: ServerResponse, fault: unknown, locale: Locale): void => {
    const refusal = deps.toRefusal(fault)
    tellWhenToRetry(res, refusal)
    const incidentId = deps.newIncidentId()
    deps.onRefusal(refusal, incidentId)
    res.statusCode = refusal.entry.status
    res.setHeader('Cache-Control', 'no-store')
    sendPage(
      res,
      deps.render(
        'error',
        { locale, titleKey: `errors.${refusal.code}.title` },
        { code: refusal.code, incidentId, forDevelopers: undefined },
      ),
    )
  }
}

/** The same behind the pages of express. */
export function answerErrors(deps: AnswerErrorsDependencies): ErrorRequestHandler {
  const show = showRefusals(deps)
  return (fault: unknown, req, res, next) => {
    if (res.headersSent) next(fault)
    else show(res, fault, localeOfRequest(req, deps.defaultLocale))
  }
}

/** Whatever was thrown, as a refusal of the registry. A fault without a code is ours. */
export function toRefusal(fault: unknown): Refusal {
  if (fault instanceof Refusal) return fault
  // a malformed percent-encoding or query, refused by the router before any page saw it
  if (fault instanceof URIError) return new Refusal('SERVER_PAGE_NOT_FOUND', 'malformed address', { cause: fault })
  const detail = fault instanceof Error ? fault.message : String(fault)
  return new Refusal(codeOfForm(fault) ?? 'SERVER_FAILED', detail, { cause: fault })
}

/** What the reader of forms says, which names each of its faults by a type and a status: its sender's fault, not ours. */
function codeOfForm(fault: unknown): ErrorCode | undefined {
  if (!(fault instanceof Error && 'type' in fault && 'status' in fault)) return undefined
  if (fault.status === 413) return 'SIGNIN_FORM_TOO_LARGE'
  return fault.status === 400 || fault.status === 415 ? 'SIGNIN_FORM_UNREADABLE' : undefined
}
