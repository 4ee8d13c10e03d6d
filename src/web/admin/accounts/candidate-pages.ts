import { z } from 'zod'
import { reasonSchema } from '../../../administration/reason.ts'
import { mayRole } from '../../../administration/permissions.ts'
import { writeDay } from '../../describe-overview.ts'
import type { AdminRoutes } from '../admin-routes.ts'
import { defineApiRoute } from '../api/define-api-route.ts'
import { pageOf, pageQuery } from '../api/pagination.ts'
import { definePage, go, page } from '../define-page.ts'
import type { AccountPagesDependencies } from './account-dependencies.ts'
import { shortId } from './describe-account.ts'
import { deciderOf } from './propose-pages.ts'
import { deciderOfCaller } from './proposal-api.ts'

const PAGE = 50
const reasonForm = z.strictObject({ reason: reasonSchema })

const candidateSchema = z.strictObject({
  id: z.uuid(),
  accountId: z.uuid(),
  otherAccountId: z.uuid(),
  foundAt: z.iso.datetime(),
})

/** Pairs of accounts that one chain of cards has reached. Nobody guesses: an administrator says whether they are one person. */
export function createCandidatePages({ candidates, now }: AccountPagesDependencies): AdminRoutes {
  return {
    pages: [
      definePage({
        method: 'get',
        path: '/merge-candidates',
        act: 'accounts.read',
        nav: { key: 'candidates', order: 30 },
        handle: async ({ query, locale, admin }) => {
          const found = await candidates.open({ after: query['after'], limit: PAGE + 1 })
          const shown = found.slice(0, PAGE)
          const last = shown.at(-1)?.id
          return page('admin/accounts/candidates', 'admin.candidates.title', {
            candidates: shown.map(({ id, accountId, otherAccountId, foundAt, dismissedBefore }) => ({
              ...{ id, accountId, otherAccountId },
              shortIds: [shortId(accountId), shortId(otherAccountId)],
              found: writeDay(foundAt, locale),
              before: dismissedBefore && { at: writeDay(dismissedBefore.at, locale), reason: dismissedBefore.reason },
            })),
            nextHref: found.length > PAGE && last !== undefined ? `/admin/merge-candidates?after=${last}` : undefined,
            mayPropose: mayRole(admin.role, 'proposals.create'),
            mayDismiss: mayRole(admin.role, 'candidates.dismiss'),
          })
        },
      }),
      definePage({
        method: 'post',
        path: '/merge-candidates/:candidateId/dismiss',
        act: 'candidates.dismiss',
        form: reasonForm,
        handle: async ({ params: { candidateId = '' }, fields, admin }) => {
          await candidates.dismiss(candidateId, deciderOf(admin), fields.reason, now())
          return go('/admin/merge-candidates', 'candidate-dismissed')
        },
      }),
    ],
    api: [
      defineApiRoute({
        method: 'get',
        path: '/merge-candidates',
        act: 'accounts.read',
        tag: 'Accounts',
        summary: 'Pairs of accounts that one chain of cards has reached, oldest first.',
        query: pageQuery,
        response: pageOf(candidateSchema),
        handle: async ({ query: { limit, cursor } }) => {
          const found = await candidates.open({ after: cursor, limit: limit + 1 })
          const items = found.slice(0, limit).map(({ id, accountId, otherAccountId, foundAt }) => {
            return { id, accountId, otherAccountId, foundAt: foundAt.toISOString() }
          })
          const last = items.at(-1)?.id
          return { body: { items, ...(found.length > limit && last !== undefined ? { next: last } : {}) } }
        },
      }),
      defineApiRoute({
        method: 'post',
        path: '/merge-candidates/:candidateId/dismissal',
        act: 'candidates.dismiss',
        tag: 'Accounts',
        summary: 'The two accounts are two people.',
        params: z.strictObject({ candidateId: z.uuid() }),
        body: reasonForm,
        handle: async ({ params, body, caller }) => {
          await candidates.dismiss(params.candidateId, deciderOfCaller(caller), body.reason, now())
          return {}
        },
      }),
    ],
  }
}
