import express, { Router, type Request, type RequestHandler, type Response } from 'express'
import type { AuditLog } from '../audit/audit-log.ts'
import { Refusal } from '../error-registry/refusal.ts'
import {
  ACCOUNT_CALLBACK_PATH,
  ACCOUNT_CLIENT_ID,
  isOwnClient,
  type AccountSession,
  type AccountSessions,
} from '../oidc/account-sessions.ts'
import { mayHandOver, renewalDue, type AccountOverviewStore } from '../subject/account-overview.ts'
import type { AccountNotices } from '../subject/notice/account-notices.ts'
import type { HandOvers } from '../subject/hand-over/create-hand-overs.ts'
import type { ClientLookup, ServedClient } from '../relying-party/client-registry.ts'
import type { ConsentStore } from '../relying-party/consent/consent-store.ts'
import type { ExternalAccounts } from '../relying-party/link/create-external-accounts.ts'
import type { FindApi } from './describe-consent.ts'
import { describeNotices } from './describe-notices.ts'
import { describeOverview, writeDay } from './describe-overview.ts'
import { describeSites } from './describe-sites.ts'
import { drawQrCode } from './draw-qr-code.ts'
import type { Locale } from './locale.ts'
import { localeOfRequest } from './locale-of-request.ts'
import type { LimitRate } from './limit-rate.ts'
import type { Render } from './render.ts'
import { requireSameOrigin } from './require-same-origin.ts'
import { otherLanguageHref } from './other-language.ts'

export interface AccountPagesDependencies {
  readonly issuer: string
  readonly sessions: AccountSessions
  readonly overviews: AccountOverviewStore
  readonly consents: Pick<ConsentStore, 'list' | 'withdraw'>
  readonly links: Pick<ExternalAccounts, 'ofAccount' | 'removeOfAccount'>
  readonly clients: ClientLookup
  readonly findApi: FindApi
  /** undefined: a linkage service recognises renewed cards, and nobody needs a code. */
  readonly handOvers: HandOvers | undefined
  /** Closing: the account can be opened again by the operator for thirty days. */
  readonly close: (accountId: string) => Promise<unknown>
  /** What administrators did. */
  readonly notices: Pick<AccountNotices, 'all'>
  readonly audit: AuditLog
  readonly now: () => Date
  readonly render: Render
  readonly defaultLocale: Locale
  readonly limitRate: LimitRate
}

/** Sign-ins shown on the page. */
const SIGN_INS = 20
/** And what others did. */
const NOTICES = 20
/** For what cannot be taken back, the card must have been used just now. */
const FRESH_TAP_MS = 5 * 60_000
/** A form of this page: a few short fields. */
const MAX_FORM_BYTES = 2048

/**
 * A person's own page, opened with the card through Sekisho itself. It shows everything that is known about them, and ends what
 * they want ended. Every change is recorded before it is acknowledged.
 */
export function createAccountPages(deps: AccountPagesDependencies): Router {
  const { issuer, sessions, overviews, audit, now, render, defaultLocale } = deps
  const router = Router({ strict: true, caseSensitive: true })

  const localeOf = (req: Request): Locale => localeOfRequest(req, defaultLocale)

  /** Whoever found an open browser must not walk away with a person's sign-ins. */
  const isFresh = ({ signedInAt }: AccountSession): boolean => now().getTime() - signedInAt.getTime() <= FRESH_TAP_MS

  /** The code that stands, without the code itself. */
  const handOverOf = async (credentialId: string, locale: Locale) => {
    const standing = await deps.handOvers?.standing(credentialId)
    return standing && { created: writeDay(standing.createdAt, locale), expires: writeDay(standing.expiresAt, locale) }
  }

  router.get('/', deps.limitRate, async (req, res) => {
    const locale = localeOf(req)
    const session = await sessions.find(req, res)
    const overview = session && (await overviews.read(session.accountId, { now: now(), signIns: SIGN_INS }))
    if (session === undefined || overview === undefined) {
      res.redirect(303, sessions.signInAddress({ locale, freshTap: false }))
      return
    }
    const consents = await deps.consents.list(session.accountId)
    const links = await deps.links.ofAccount(session.accountId)
    const clientIds = [...overview.connections, ...overview.signIns, ...consents, ...links].map(
      ({ clientId }) => clientId,
    )
    const clients = new Map<string, ServedClient>()
    for (const clientId of new Set(clientIds)) {
      const client = await deps.clients.find(clientId)
      if (client !== undefined) clients.set(clientId, client)
    }
    const canHandOver = deps.handOvers !== undefined && mayHandOver(overview.credentials, session.credentialId)
    res.send(
      render(
        'account/overview',
        { locale, titleKey: 'account.title', otherLanguageHref: otherLanguageHref(req, locale) },
        {
          ...describeOverview(overview, {
            locale,
            nameOf: (clientId) => clients.get(clientId)?.displayName[locale] ?? clientId,
            ownSession: session.reference,
            isOwnClient: (clientId) => clientId === ACCOUNT_CLIENT_ID,
          }),
          sites: await describeSites(overview.connections, consents, links, {
            locale,
            clients,
            findApi: deps.findApi,
            isOwnClient,
          }),
          handOverStanding: canHandOver ? await handOverOf(session.credentialId, locale) : undefined,
          canHandOver,
          renewal: renewalDue(overview.credentials, now()),
          notices: describeNotices(await deps.notices.all(session.accountId, NOTICES), locale),
          done: doneOf(req.query['done']),
        },
      ),
    )
  })

  // whatever came of it, the session is looked at anew
  router.get(ACCOUNT_CALLBACK_PATH.slice('/account'.length), (req, res) => {
    const locale = localeOf(req)
    if (req.query['error'] === undefined) res.redirect(303, '/account')
    else res.status(403).send(render('account/not-signed-in', { locale, titleKey: 'account.notSignedIn.title' }))
  })

  const form: readonly RequestHandler[] = [
    deps.limitRate,
    requireSameOrigin(issuer),
    express.urlencoded({ extended: false, limit: MAX_FORM_BYTES, parameterLimit: 10 }),
  ]

  router.post('/disconnect', ...form, async (req, res) => {
    const { accountId } = await requireSession(sessions, req, res)
    const clientId = field(req, 'client')
    // first of all: from now on nothing new is granted, and what was granted is not believed (storage/standing)
    await deps.consents.withdraw(accountId, clientId)
    if (await overviews.disconnect(accountId, clientId, now()))
      await audit.append({ type: 'site.disconnected', accountId, clientId })
    res.redirect(303, `/account?done=disconnected&lang=${localeOf(req)}`)
  })

  router.post('/unlink', ...form, async (req, res) => {
    const { accountId } = await requireSession(sessions, req, res)
    const isRemoved = await deps.links.removeOfAccount(accountId, field(req, 'client'), 'person')
    res.redirect(303, `/account?${isRemoved ? 'done=unlinked&' : ''}lang=${localeOf(req)}`)
  })

  router.post('/end-session', ...form, async (req, res) => {
    const { accountId } = await requireSession(sessions, req, res)
    if (await overviews.endSession(accountId, field(req, 'session'), now()))
      await audit.append({ type: 'session.ended', accountId })
    res.redirect(303, `/account?done=session-ended&lang=${localeOf(req)}`)
  })

  router.post('/close', ...form, async (req, res) => {
    const locale = localeOf(req)
    const session = await requireSession(sessions, req, res)
    if (field(req, 'understood') !== 'yes') {
      res.redirect(303, `/account?done=close-not-confirmed&lang=${locale}#close-title`)
      return
    }
    if (!isFresh(session)) {
      res.redirect(303, sessions.signInAddress({ locale, freshTap: true }))
      return
    }
    await deps.close(session.accountId)
    res.send(render('account/closed', { locale, titleKey: 'account.close.closed' }))
  })

  if (deps.handOvers !== undefined) {
    const { handOvers } = deps
    router.post('/hand-over', ...form, async (req, res) => {
      const locale = localeOf(req)
      const session = await requireSession(sessions, req, res)
      if (!isFresh(session)) {
        res.redirect(303, sessions.signInAddress({ locale, freshTap: true }))
        return
      }
      const made = await handOvers.create(session.credentialId)
      if (made === undefined) {
        res.redirect(303, `/account?done=hand-over-unavailable&lang=${locale}`)
        return
      }
      res.send(
        render(
          'account/hand-over',
          { locale, titleKey: 'account.handOver.shown' },
          {
            code: made.code,
            expires: writeDay(made.expiresAt, locale),
            qrCode: await drawQrCode(made.code, 1),
          },
        ),
      )
    })
  }

  return router
}

/** A form of a person who is not signed in any more. */
async function requireSession(sessions: AccountSessions, req: Request, res: Response): Promise<AccountSession> {
  const session = await sessions.find(req, res)
  if (session === undefined) throw new Refusal('SIGNIN_INTERACTION_NOT_FOUND', 'no session at the account page')
  return session
}

function field(req: Request, name: string): string {
  const value = (req.body as Readonly<Record<string, unknown>> | undefined)?.[name]
  return typeof value === 'string' ? value : ''
}

const DONE = ['disconnected', 'unlinked', 'session-ended', 'hand-over-unavailable', 'close-not-confirmed'] as const

function doneOf(value: unknown): (typeof DONE)[number] | undefined {
  return DONE.find((done) => done === value)
}
