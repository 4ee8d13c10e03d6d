import { Router, type Request, type RequestHandler, type Response } from 'express'
import { z } from 'zod'
import { SIGN_IN_MS, type AdminSessionStore, type SignInPurpose } from '../../administration/admin-session.ts'
import type { Administrators } from '../../administration/create-administrators.ts'
import { deriveFromSecret, digestSecret, drawSecret, isSecret } from '../../administration/secret-token.ts'
import { Refusal } from '../../error-registry/refusal.ts'
import type { ConsoleSignIn, ConsoleTap } from '../../oidc/console-sign-in.ts'
import { actorOfAdmin, type Admin } from './caller.ts'
import type { AdminJournal } from './admin-journal.ts'
import { confirmAct } from './confirm-act.ts'
import type { ConsoleCookies } from './console-cookies.ts'
import { nameOfPage, readForm, requestOf, sendAnswer } from './console-pages.ts'
import type { ConsoleGate } from './console-gate.ts'
import type { PageRoute } from './define-page.ts'
import type { DrawConsole } from './draw-console.ts'
import { returnPathOf } from './return-path.ts'

export interface SessionPagesDependencies {
  readonly origin: string
  readonly pages: readonly PageRoute[]
  readonly gate: ConsoleGate
  readonly draw: DrawConsole
  readonly cookies: ConsoleCookies
  readonly sessions: AdminSessionStore
  readonly administrators: Pick<Administrators, 'accept' | 'invitation'>
  readonly signIn: ConsoleSignIn
  readonly journal: AdminJournal
  readonly limitRate: RequestHandler
  readonly random: (octets: number) => Uint8Array
  readonly now: () => Date
}

export const CALLBACK_PATH = '/admin/callback'
const FORM_BYTES = 4096
const UUID = z.uuid()

/** What is outside of the list of pages: how one gets in, confirms, and out. The authorisation matrix walks these too. */
export const CONSOLE_DOORS = [
  { method: 'post', path: '/sign-in', needs: 'nobody' },
  { method: 'get', path: '/callback', needs: 'nobody' },
  { method: 'get', path: '/invitation', needs: 'nobody' },
  { method: 'post', path: '/invitation', needs: 'nobody' },
  { method: 'post', path: '/sign-out', needs: 'session' },
  { method: 'get', path: '/confirm/:actId', needs: 'session' },
  { method: 'post', path: '/confirm/:actId/tap', needs: 'session' },
  { method: 'post', path: '/confirm/:actId', needs: 'tap' },
] as const

/**
 * In by card, through Sekisho itself: code, PKCE, state and nonce, all made of a secret in a cookie of this browser. The same way once more,
 * with another tap, for each dangerous act: what was asked for stays here, is shown, and is done with the fields that were shown
 * (docs/adr/0018).
 */
export function createSessionPages(deps: SessionPagesDependencies): Router {
  const { origin, pages, gate, draw, cookies, sessions, administrators, signIn, journal, limitRate, random, now } = deps
  const router = Router({ strict: true, caseSensitive: true })
  const redirectUri = `${origin}${CALLBACK_PATH}`
  const form = [limitRate, gate.requireSameOrigin, gate.readForm(FORM_BYTES)]

  const requestWith = (secret: string) => ({
    redirectUri,
    state: deriveFromSecret(secret, 'state'),
    nonce: deriveFromSecret(secret, 'nonce'),
    verifier: deriveFromSecret(secret, 'verifier'),
  })

  /** A page that goes on by itself: a redirect would be checked against `form-action` (docs/adr/0002). */
  const leaveForCard = async (req: Request, res: Response, purpose: SignInPurpose, returnTo: string): Promise<void> => {
    const secret = drawSecret(random)
    const startedAt = now()
    await sessions.beginSignIn(digestSecret(secret), {
      purpose,
      returnTo,
      startedAt,
      expiresAt: new Date(startedAt.getTime() + SIGN_IN_MS),
    })
    cookies.setSignIn(res, secret)
    const address = signIn.address({ ...requestWith(secret), locale: draw.localeOf(req) })
    draw.send(req, res, {
      view: 'admin/go-on',
      titleKey: 'admin.signIn.title',
      values: { address, textKey: 'admin.goOn.toCard' },
      refreshTo: address,
    })
  }

  const requireSession = async (req: Request, res: Response) => {
    const session = await gate.sessionOf(req)
    if (session === undefined) throw new Refusal('ADMIN_NOT_SIGNED_IN')
    res.locals['admin'] = session.admin
    return session
  }

  router.post('/sign-in', ...form, async (req, res) => {
    await leaveForCard(req, res, { kind: 'sign-in' }, returnPathOf(fieldOf(req, 'return_to')))
  })

  router.get('/invitation', limitRate, async (req, res) => {
    const { token } = req.query
    const invitation = typeof token === 'string' ? await administrators.invitation(token) : undefined
    if (invitation === undefined) throw new Refusal('ADMIN_INVITATION_INVALID')
    draw.send(req, res, {
      view: 'admin/invitation',
      titleKey: 'admin.invitation.title',
      values: { token, role: invitation.role },
    })
  })

  router.post('/invitation', ...form, async (req, res) => {
    const token = fieldOf(req, 'token')
    if ((await administrators.invitation(token)) === undefined) throw new Refusal('ADMIN_INVITATION_INVALID')
    await leaveForCard(req, res, { kind: 'invitation', invitationDigest: digestSecret(token) }, '/admin')
  })

  router.get(CALLBACK_PATH.slice('/admin'.length), limitRate, async (req, res) => {
    const secret = cookies.signIn(req)
    const { code, state } = req.query
    // login CSRF: only the browser that was sent away comes back (attack 44)
    if (!isSecret(secret) || state !== deriveFromSecret(secret, 'state')) {
      throw new Refusal('ADMIN_SIGN_IN_FAILED', 'a sign-in that this browser did not begin')
    }
    cookies.clearSignIn(res)
    const begun = await sessions.takeSignIn(digestSecret(secret), now())
    if (begun === undefined) throw new Refusal('ADMIN_SIGN_IN_FAILED', 'over, or back for the second time')
    if (typeof code !== 'string') throw new Refusal('ADMIN_SIGN_IN_FAILED', 'the provider sent no code')
    const tap = await signIn.redeem(code, requestWith(secret))
    // of a tap before this nobody was asked for one
    if (tap.authTime < Math.floor(begun.startedAt.getTime() / 1000)) {
      throw new Refusal('ADMIN_SIGN_IN_FAILED', 'the tap is older than the question')
    }
    const { purpose } = begun
    if (purpose.kind === 'act') {
      const isTheirs = await sessions.tapAct(purpose.sessionDigest, purpose.actId, { ...tap, at: now() })
      if (!isTheirs) throw new Refusal('ADMIN_TAP_OF_ANOTHER', 'another person, or the act waits no more')
    } else {
      if (purpose.kind === 'invitation') await administrators.accept(purpose.invitationDigest, tap)
      await open(req, res, tap)
    }
    // the session's cookie is not sent with what a page of another origin led to: a page of ours leads on
    draw.send(req, res, {
      view: 'admin/go-on',
      titleKey: 'admin.signIn.title',
      values: { address: begun.returnTo, textKey: 'admin.goOn.back' },
      refreshTo: begun.returnTo,
    })
  })

  /** A new session each time (session fixation); the one before is over. */
  const open = async (req: Request, res: Response, tap: ConsoleTap): Promise<void> => {
    const before = cookies.session(req)
    if (before !== undefined) await sessions.end(digestSecret(before))
    const secret = drawSecret(random)
    const idDigest = digestSecret(secret)
    await sessions.begin({ idDigest, ...tap }, now())
    const admin = await sessions.find(idDigest, now())
    if (admin === undefined) {
      await sessions.end(idDigest)
      throw new Refusal('ADMIN_NO_ROLE', 'a card of nobody who administers')
    }
    const { accountId, credentialId, role } = admin
    await journal.append({ type: 'admin.signed_in', accountId, credentialId, role }, actorOfAdmin(admin))
    cookies.setSession(res, secret)
  }

  router.post('/sign-out', ...form, async (req, res) => {
    const { admin, digest } = await requireSession(req, res)
    gate.fieldsOf(req)
    await sessions.end(digest)
    cookies.clearSession(res)
    await journal.append({ type: 'admin.signed_out', accountId: admin.accountId }, actorOfAdmin(admin))
    res.locals['admin'] = undefined
    draw.send(req, res, { view: 'admin/signed-out', titleKey: 'admin.signedOut.title' })
  })

  /** What waits, with its route and its fields as they were asked for. */
  const findAct = async (req: Request, admin: Admin, digest: Uint8Array) => {
    const { data: actId } = UUID.safeParse(req.params['actId'])
    const act = actId === undefined ? undefined : await sessions.findAct(digest, actId, now())
    const route = act && pages.find((one) => nameOfPage(one) === act.route)
    if (act === undefined || route?.confirm === undefined) throw new Refusal('ADMIN_ACT_EXPIRED')
    await gate.requireAct(admin, route.act, act.route)
    return { act, ...heldRequest(req, draw, admin, route, act) }
  }

  router.get('/confirm/:actId', limitRate, async (req, res) => {
    const { admin, digest } = await requireSession(req, res)
    const { act, route, request } = await findAct(req, admin, digest)
    const confirmed = await confirmAct(route, request, act.input.form as Readonly<Record<string, unknown>>)
    if ('answer' in confirmed) {
      await sendAnswer(req, res, draw, admin, confirmed.answer)
      return
    }
    const { titleKey, facts, note } = confirmed.confirmation
    const values = { actId: act.id, titleKey, facts, note, isTapped: act.tappedAt !== undefined }
    draw.send(req, res, { view: 'admin/confirm', titleKey, values }, admin)
  })

  router.post('/confirm/:actId/tap', ...form, async (req, res) => {
    const { admin, digest } = await requireSession(req, res)
    gate.fieldsOf(req)
    const { act } = await findAct(req, admin, digest)
    await leaveForCard(
      req,
      res,
      { kind: 'act', actId: act.id, sessionDigest: digest },
      `/admin/confirm/${act.id}?lang=${draw.localeOf(req)}`,
    )
  })

  router.post('/confirm/:actId', ...form, async (req, res) => {
    const { admin, digest } = await requireSession(req, res)
    gate.fieldsOf(req)
    const { act: waiting, route } = await findAct(req, admin, digest)
    // once, whoever presses first; and only what was tapped for a moment ago
    const act = await sessions.takeAct(digest, waiting.id, now())
    if (act?.credentialId === undefined) {
      const refusal = new Refusal('ADMIN_ACT_EXPIRED', 'no tap of now')
      await gate.refused(admin, route.act, nameOfPage(route), refusal)
      throw refusal
    }
    const tapped = { ...admin, credentialId: act.credentialId }
    const { request } = heldRequest(req, draw, tapped, route, act)
    await gate.begun(tapped, route.act, nameOfPage(route), true)
    await sendAnswer(req, res, draw, tapped, await route.handle(request))
  })

  return router
}

function heldRequest(
  req: Request,
  draw: DrawConsole,
  admin: Admin,
  route: PageRoute,
  { input }: { readonly input: { readonly params: Readonly<Record<string, string>>; readonly form: unknown } },
) {
  const read = readForm(route, input.form)
  // another release reads it otherwise
  if (!read.ok) throw new Refusal('ADMIN_ACT_EXPIRED', 'what was asked for does not fit any more')
  return { route, request: requestOf(req, draw, admin, read.value, input.params) }
}

/** Who is not signed in: the page they came for is shown when they are. */
export function createAskToSignIn({
  draw,
  cookies,
}: Pick<SessionPagesDependencies, 'draw' | 'cookies'>): RequestHandler {
  return (req, res) => {
    const returnTo = returnPathOf(req.originalUrl)
    // from a link elsewhere the session's cookie does not come along: ask for the page once more, from here
    if (cookies.session(req) === undefined && req.headers['sec-fetch-site'] === 'cross-site') {
      draw.send(req, res, {
        view: 'admin/go-on',
        titleKey: 'admin.signIn.title',
        values: { address: returnTo, textKey: 'admin.goOn.back' },
        refreshTo: returnTo,
      })
      return
    }
    draw.send(req, res, {
      view: 'admin/sign-in',
      titleKey: 'admin.signIn.title',
      status: 401,
      values: { returnTo },
    })
  }
}

function fieldOf(req: Request, name: string): string {
  const value = (req.body as Readonly<Record<string, unknown>> | undefined)?.[name]
  return typeof value === 'string' ? value : ''
}
