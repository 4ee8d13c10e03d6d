import { randomUUID } from 'node:crypto'
import { Router, type Request, type RequestHandler, type Response } from 'express'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { z } from 'zod'
import type { AdminSessionStore } from '../../administration/admin-session.ts'
import { Refusal } from '../../error-registry/refusal.ts'
import { actorOfAdmin, type Admin } from './caller.ts'
import { asInvalid, confirmAct } from './confirm-act.ts'
import type { ConsoleGate } from './console-gate.ts'
import { sendJson } from './console-gate.ts'
import type { DrawConsole } from './draw-console.ts'
import type { PageAnswer, PageRequest, PageRoute } from './define-page.ts'
import { isConsolePath } from './return-path.ts'

export interface ConsolePagesDependencies {
  readonly pages: readonly PageRoute[]
  readonly gate: ConsoleGate
  readonly draw: DrawConsole
  readonly sessions: Pick<AdminSessionStore, 'askAct'>
  /** Who is not signed in is asked to. */
  readonly askToSignIn: RequestHandler
  readonly limitRate: RequestHandler
  readonly now: () => Date
}

const FORM_BYTES = 32 * 1024

/** As the audit log and what waits for a tap name it. */
export const nameOfPage = ({ method, path }: Pick<PageRoute, 'method' | 'path'>): string =>
  `${method.toUpperCase()} /admin${path}`

/** The router of the console, made of the list and of nothing else. Each POST passes the same gate, in the order of this file. */
export function createConsolePages(deps: ConsolePagesDependencies): Router {
  const { pages, gate, draw, sessions, askToSignIn, limitRate, now } = deps
  const router = Router({ strict: false, caseSensitive: true })

  for (const route of pages) {
    const name = nameOfPage(route)
    if (route.method === 'get') {
      router.get(route.path === '' ? '/' : route.path, limitRate, async (req, res, next) => {
        const session = await gate.sessionOf(req)
        if (session === undefined) {
          askToSignIn(req, res, next)
          return
        }
        const { admin } = session
        res.locals['admin'] = admin
        await gate.requireAct(admin, route.act, name)
        await sendAnswer(req, res, draw, admin, await route.handle(requestOf(req, draw, admin, undefined)))
      })
      continue
    }

    router.post(
      route.path === '' ? '/' : route.path,
      limitRate,
      gate.requireSameOrigin,
      gate.readForm(route.formBytes ?? FORM_BYTES),
      async (req, res) => {
        const session = await gate.sessionOf(req)
        if (session === undefined) throw new Refusal('ADMIN_NOT_SIGNED_IN')
        const { admin, digest } = session
        res.locals['admin'] = admin
        const fields = await gateFields(gate, req, admin, route)
        await gate.requireAct(admin, route.act, name)
        const read = readForm(route, fields)
        if (!read.ok) {
          if (route.invalid === undefined) throw new Refusal('ADMIN_FORM_INVALID', read.fault.message)
          const answer = await route.invalid(requestOf(req, draw, admin, fields), read.fault)
          await sendAnswer(req, res, draw, admin, asInvalid(answer))
          return
        }
        const request = requestOf(req, draw, admin, read.value)
        if (route.confirm !== undefined) {
          // what cannot be done anyway is said before the card is asked for
          const confirmed = await confirmAct(route, request, fields)
          if ('answer' in confirmed) {
            await sendAnswer(req, res, draw, admin, confirmed.answer)
            return
          }
          const id = randomUUID()
          const input = { params: request.params, form: fields }
          await sessions.askAct(digest, { id, route: name, input, askedAt: now() })
          res.redirect(303, `/admin/confirm/${id}`)
          return
        }
        await gate.begun(admin, route.act, name, false)
        await sendAnswer(req, res, draw, admin, await route.handle(request))
      },
    )
  }
  return router
}

async function gateFields(gate: ConsoleGate, req: Request, admin: Admin, route: PageRoute) {
  try {
    return gate.fieldsOf(req)
  } catch (fault) {
    if (fault instanceof Refusal) await gate.refused(admin, route.act, nameOfPage(route), fault)
    throw fault
  }
}

type ReadForm = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly fault: z.ZodError }

/** A form without a schema has no fields but the token. */
export function readForm({ form = z.strictObject({}) }: Pick<PageRoute, 'form'>, fields: unknown): ReadForm {
  const { success, data, error } = form.safeParse(fields)
  return success ? { ok: true, value: data } : { ok: false, fault: error }
}

/** @param params of what was asked for before the tap; else of the address */
export function requestOf<Fields>(
  req: Request,
  draw: DrawConsole,
  admin: Admin,
  fields: Fields,
  params: Readonly<Record<string, string>> = textsOf(req.params),
): PageRequest<Fields> {
  return {
    admin,
    actor: actorOfAdmin(admin),
    locale: draw.localeOf(req),
    t: draw.translateOf(req),
    params,
    query: textsOf(req.query),
    fields,
  }
}

function textsOf(values: object): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]: [string, unknown]) =>
      typeof value === 'string' ? [[name, value] as const] : [],
    ),
  )
}

export async function sendAnswer(
  req: Request,
  res: Response,
  draw: DrawConsole,
  admin: Admin,
  answer: PageAnswer,
): Promise<void> {
  switch (answer.kind) {
    case 'page':
      draw.send(req, res, answer, admin)
      return
    case 'go': {
      if (!isConsolePath(answer.to)) throw new Error('a page leads out of the console')
      const [path = '', rest = ''] = answer.to.split(/(?=#)/)
      const done = answer.done === undefined ? '' : `${path.includes('?') ? '&' : '?'}done=${answer.done}`
      res.redirect(303, `${path}${done}${rest}`)
      return
    }
    case 'json':
      sendJson(res, answer.value)
      return
    case 'file':
      res.set({
        'Content-Type': answer.type,
        'Content-Disposition': `attachment; filename="${answer.name.replaceAll(/[^\w.-]/g, '_')}"`,
        'X-Content-Type-Options': 'nosniff',
      })
      if (typeof answer.content === 'string') res.send(answer.content)
      else await pipeline(Readable.from(answer.content), res)
  }
}
