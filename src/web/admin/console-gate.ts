import { timingSafeEqual } from 'node:crypto'
import express, { type Request, type RequestHandler, type Response } from 'express'
import type { AdminSessionStore } from '../../administration/admin-session.ts'
import { mayRole, type Act } from '../../administration/permissions.ts'
import { digestSecret } from '../../administration/secret-token.ts'
import type { AuditEvent } from '../../audit/audit-event.ts'
import { Refusal } from '../../error-registry/refusal.ts'
import { actorOfAdmin, type Admin } from './caller.ts'
import type { AdminJournal } from './admin-journal.ts'
import type { ConsoleCookies } from './console-cookies.ts'
import { formTokenOf } from './draw-console.ts'

export interface ConsoleGateDependencies {
  /** The console's own. */
  readonly origin: string
  readonly sessions: AdminSessionStore
  readonly cookies: ConsoleCookies
  readonly journal: AdminJournal
  readonly now: () => Date
}

/** What everybody passes who does something in the console. */
export interface ConsoleGate {
  /** The session of this browser, as it stands now. */
  sessionOf(req: Request): Promise<{ readonly admin: Admin; readonly digest: Uint8Array } | undefined>
  /** A POST of a page of ours (attack 44: CSRF). Before anything else is looked at. */
  readonly requireSameOrigin: RequestHandler
  readonly readForm: (octets: number) => RequestHandler
  /** With the token that only a page of this very session had; takes it out of the fields. @throws Refusal ADMIN_FORM_FORGED */
  fieldsOf(req: Request): Readonly<Record<string, unknown>>
  /** @throws Refusal ADMIN_FORBIDDEN, which is recorded */
  requireAct(admin: Admin, act: Act, route: string): Promise<void>
  /** Records what was refused to somebody who is signed in. */
  refused(admin: Admin, act: Act, route: string, refusal: Refusal): Promise<void>
  /** Recorded before it is carried out. */
  begun(admin: Admin, act: Act, route: string, tapped: boolean): Promise<void>
}

export function createConsoleGate({ origin, sessions, cookies, journal, now }: ConsoleGateDependencies): ConsoleGate {
  const record = (admin: Admin, event: AuditEvent): Promise<void> => journal.append(event, actorOfAdmin(admin))
  const refused: ConsoleGate['refused'] = (admin, act, route, { code }) =>
    record(admin, {
      type: 'admin.act_refused',
      act,
      route,
      role: admin.role,
      credentialId: admin.credentialId,
      code,
    })

  return {
    sessionOf: async (req) => {
      const secret = cookies.session(req)
      if (secret === undefined) return undefined
      const digest = digestSecret(secret)
      const admin = await sessions.find(digest, now())
      return admin && { admin, digest }
    },

    requireSameOrigin: (req, _res, next) => {
      const site = req.headers['sec-fetch-site']
      if (req.headers.origin !== origin || (site !== undefined && site !== 'same-origin')) {
        throw new Refusal('ADMIN_FORM_FORGED', 'a form from another origin')
      }
      next()
    },

    readForm: (octets) => express.urlencoded({ extended: false, limit: octets, parameterLimit: 500 }),

    fieldsOf: (req) => {
      const { csrf, ...fields } = (req.body ?? {}) as Readonly<Record<string, unknown>>
      const secret = cookies.session(req)
      const expected = Buffer.from(secret === undefined ? '' : formTokenOf(secret))
      const sent = Buffer.from(typeof csrf === 'string' ? csrf : '')
      if (expected.length === 0 || sent.length !== expected.length || !timingSafeEqual(sent, expected)) {
        throw new Refusal('ADMIN_FORM_FORGED', 'a form without the token of this session')
      }
      return fields
    },

    requireAct: async (admin, act, route) => {
      if (mayRole(admin.role, act)) return
      const refusal = new Refusal('ADMIN_FORBIDDEN', `${admin.role} may not ${act}`)
      await refused(admin, act, route, refusal)
      throw refusal
    },
    refused,

    begun: (admin, act, route, tapped) =>
      record(admin, {
        type: 'admin.act_begun',
        act,
        route,
        role: admin.role,
        credentialId: admin.credentialId,
        tapped,
      }),
  }
}

/** For answers that are no page: only those that a page of ours asked for. */
export function sendJson(res: Response, value: unknown): void {
  res.type('json').send(JSON.stringify(value))
}
