import { z } from 'zod'
import type { FoundAccount } from '../../../administration/account/account-search.ts'
import { writeDay, writeMoment } from '../../describe-overview.ts'
import type { Locale } from '../../locale.ts'
import type { AdminRoutes } from '../admin-routes.ts'
import { defineApiRoute } from '../api/define-api-route.ts'
import { pageOf, pageQuery } from '../api/pagination.ts'
import { definePage, page } from '../define-page.ts'
import type { AccountPagesDependencies } from './account-dependencies.ts'
import { accountQueryOf, accountQuerySchema, QUERY_CHOICES, readAccountQuery } from './read-account-query.ts'

const PAGE = 50

const foundSchema = z.strictObject({
  accountId: z.uuid(),
  status: z.enum(QUERY_CHOICES.status),
  mergedInto: z.uuid().optional(),
  erased: z.boolean(),
  createdAt: z.iso.datetime(),
  credentials: z.int(),
  lastUsedAt: z.iso.datetime().optional(),
})

/** Where everything about accounts begins: who is looked for, and what waits to be decided. */
export function createSearchPage({ search, proposals, candidates }: AccountPagesDependencies): AdminRoutes {
  return {
    pages: [
      definePage({
        method: 'get',
        path: '/accounts',
        act: 'accounts.read',
        nav: { key: 'accounts', order: 10 },
        handle: async ({ query, locale, admin }) => {
          const { written, faults } = readAccountQuery(query)
          const isAsked = Object.keys(written).length > 0 || query['all'] === '1'
          const found = isAsked
            ? await search.search(accountQueryOf(written), { after: query['after'], limit: PAGE })
            : undefined
          return page('admin/accounts/search', 'admin.accounts.title', {
            written,
            faults,
            choices: QUERY_CHOICES,
            found: found && {
              accounts: found.accounts.map((one) => describeFound(one, locale, admin.accountId)),
              nextHref: found.next && hrefOf({ ...written, all: '1', after: found.next }),
            },
            waiting: await proposals.countOpen(),
            candidates: await candidates.countOpen(),
          })
        },
      }),
    ],
    api: [
      defineApiRoute({
        method: 'get',
        path: '/accounts',
        act: 'accounts.read',
        tag: 'Accounts',
        summary:
          'Finds accounts. A page may hold few or none and still have a next one: so many are looked at, at most.',
        query: accountQuerySchema.extend(pageQuery.shape),
        response: pageOf(foundSchema),
        handle: async ({ query: { limit, cursor, ...written } }) => {
          const { accounts, next } = await search.search(accountQueryOf(written), { after: cursor, limit })
          return {
            body: {
              items: accounts.map((one) => ({
                accountId: one.accountId,
                status: one.status,
                ...(one.mergedInto === undefined ? {} : { mergedInto: one.mergedInto }),
                erased: one.isErased,
                createdAt: one.createdAt.toISOString(),
                credentials: one.credentials,
                ...(one.lastUsedAt === undefined ? {} : { lastUsedAt: one.lastUsedAt.toISOString() }),
              })),
              ...(next === undefined ? {} : { next }),
            },
          }
        },
      }),
    ],
  }
}

function describeFound(found: FoundAccount, locale: Locale, self: string) {
  return {
    ...found,
    shortId: found.accountId.slice(0, 8),
    isSelf: found.accountId === self,
    created: writeDay(found.createdAt, locale),
    lastUsed: found.lastUsedAt && writeMoment(found.lastUsedAt, locale),
  }
}

function hrefOf(query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
  return `/admin/accounts?${new URLSearchParams(Object.fromEntries(given)).toString()}`
}
