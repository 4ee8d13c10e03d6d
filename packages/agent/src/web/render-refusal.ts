import type { ErrorRequestHandler, Response } from 'express'
import { AgentRefusal, type AgentRefusalCode } from '../ceremony/agent-refusal.ts'
import type { AgentLog } from '../observability/agent-log.ts'
import { translator } from '../text/translate.ts'
import { languageWithoutTicket } from './choose-language.ts'

const STATUS: Readonly<Record<AgentRefusalCode, number>> = {
  ADDRESS_INVALID: 400,
  BODY_INVALID: 400,
  REQUEST_FOREIGN: 403,
  PROVIDER_UNKNOWN: 403,
  PAGE_NOT_FOUND: 404,
  CEREMONY_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CEREMONY_BUSY: 409,
  TICKET_REFUSED: 410,
  TRUST_LIST_UNREADABLE: 500,
  UNEXPECTED: 500,
  PROVIDER_UNREACHABLE: 502,
  PROVIDER_ANSWER_INVALID: 502,
}

export interface Replacement {
  readonly token: string
  readonly provider: string
  readonly ticket: string
}

/**
 * A page that says why there is no other page. Without a ticket nobody has told a language: the browser's is taken.
 * Nothing from the request is repeated on it.
 */
export function renderRefusal(response: Response, code: AgentRefusalCode, replace?: Replacement): void {
  const locale = languageWithoutTicket(response.req)
  const t = translator(locale)
  response.status(STATUS[code]).render('refusal', {
    t,
    locale,
    languages: [],
    page: 'refusal',
    code,
    title: t(`refusal.${code}.title`),
    message: t(`refusal.${code}.message`),
    lang: undefined,
    backHref: undefined,
    replace,
  })
}

/** The one place where an error becomes a page. */
export function handleErrors(log: AgentLog): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    const refusal = toRefusal(error)
    if (refusal.code === 'UNEXPECTED') log.error({ err: refusal.detail }, 'unexpected error')
    else log.info({ code: refusal.code, detail: refusal.detail }, 'request refused')
    if (response.headersSent) {
      next(error)
      return
    }
    renderRefusal(response, refusal.code)
  }
}

function toRefusal(error: unknown): AgentRefusal {
  if (error instanceof AgentRefusal) return error
  // What express and its body reader throw carries a 4xx `status`: too large, malformed address, aborted.
  const { status, name } = error as { status?: unknown; name?: unknown }
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new AgentRefusal('BODY_INVALID', String(status))
  return new AgentRefusal('UNEXPECTED', String(name))
}
