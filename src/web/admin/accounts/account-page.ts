import { z } from 'zod'
import type { AccountRecord } from '../../../administration/account/account-record.ts'
import { mayRole } from '../../../administration/permissions.ts'
import { Refusal } from '../../../error-registry/refusal.ts'
import { GRAPH_ACTS } from '../../../subject/graph/account-graph-store.ts'
import { familyCredentials, presentedSubjects } from '../../../subject/graph/find-in-snapshot.ts'
import type { AdminRoutes } from '../admin-routes.ts'
import { defineApiRoute } from '../api/define-api-route.ts'
import { definePage, go, page } from '../define-page.ts'
import type { AccountPagesDependencies } from './account-dependencies.ts'
import { describeAccount } from './describe-account.ts'
import { describeProposal } from './describe-proposal.ts'

/** Proposals shown on the page of an account. */
const PROPOSALS = 20

const accountSchema = z.strictObject({
  accountId: z.uuid(),
  status: z.enum(['active', 'suspended', 'closed', 'merged']),
  erased: z.boolean(),
  createdAt: z.iso.datetime(),
  since: z.iso.datetime(),
  mergedFrom: z.array(z.uuid()),
  credentials: z.array(
    z.strictObject({
      credentialId: z.uuid(),
      homeAccountId: z.uuid(),
      kind: z.enum(['card-auth', 'card-sign', 'phone-auth']),
      status: z.enum(['current', 'superseded', 'revoked', 'unlinked']),
      firstSeenAt: z.iso.datetime(),
      lastUsedAt: z.iso.datetime().optional(),
      notAfter: z.iso.datetime().optional(),
      replaces: z.array(z.strictObject({ credentialId: z.uuid(), relation: z.string(), at: z.iso.datetime() })),
    }),
  ),
  subjects: z.array(z.strictObject({ sector: z.string(), sub: z.string() })),
  externalIds: z.array(z.strictObject({ clientId: z.string(), externalId: z.string() })),
  sessions: z.array(
    z.strictObject({ reference: z.string(), signedInAt: z.iso.datetime(), expiresAt: z.iso.datetime() }),
  ),
  operations: z.array(
    z.strictObject({
      operationId: z.uuid(),
      act: z.enum(GRAPH_ACTS),
      actor: z.string(),
      reason: z.string(),
      at: z.iso.datetime(),
      undoes: z.uuid().optional(),
      undoneBy: z.uuid().optional(),
    }),
  ),
})

/** One account: its chain of cards, its sites and sessions, and what was done to it. */
export function createAccountRoutes({ records, proposals, clients, now }: AccountPagesDependencies): AdminRoutes {
  return {
    pages: [
      definePage({
        method: 'get',
        path: '/accounts/:accountId',
        act: 'accounts.read',
        handle: async ({ params, admin, locale, t }) => {
          const record = await records.read(params['accountId'] ?? '')
          const ids = record.snapshot.accounts.map(({ accountId }) => accountId)
          const about = await proposals.list({ accountIds: ids }, { limit: PROPOSALS })
          const isSelf = ids.includes(admin.accountId)
          return page('admin/accounts/account', 'admin.account.title', {
            ...(await describeAccount(record, { locale, t, clients })),
            proposals: about.map((one) => describeProposal(one, locale, now())),
            isSelf,
            mayPropose: mayRole(admin.role, 'proposals.create') && !isSelf,
            mayEndSessions: mayRole(admin.role, 'accounts.end-session'),
          })
        },
      }),
      definePage({
        method: 'post',
        path: '/accounts/:accountId/sessions/end',
        act: 'accounts.end-session',
        form: z.strictObject({ session: z.string().min(1).max(128) }),
        handle: async ({ params: { accountId = '' }, fields, actor }) => {
          const record = await records.read(accountId)
          if (!(await records.endSession(record.accountId, fields.session, actor)))
            throw new Refusal('ADMIN_CHANGED_MEANWHILE')
          return go(`/admin/accounts/${record.accountId}`, 'session-ended')
        },
      }),
    ],
    api: [
      defineApiRoute({
        method: 'get',
        path: '/accounts/:account',
        act: 'accounts.read',
        tag: 'Accounts',
        summary: 'One account by its id, or by what any site calls somebody (sub): never a serial number.',
        params: z.strictObject({ account: z.string().min(1).max(300) }),
        response: accountSchema,
        handle: async ({ params }) => ({ body: writeAccount(await records.read(params.account)) }),
      }),
      defineApiRoute({
        method: 'delete',
        path: '/accounts/:account/sessions/:session',
        act: 'accounts.end-session',
        tag: 'Accounts',
        summary: 'Ends one session, with the grants that it holds; its sites are told.',
        params: z.strictObject({ account: z.uuid(), session: z.string().min(1).max(128) }),
        handle: async ({ params, actor }) => {
          const { accountId } = await records.read(params.account)
          if (!(await records.endSession(accountId, params.session, actor)))
            throw new Refusal('ADMIN_CHANGED_MEANWHILE')
          return {}
        },
      }),
    ],
  }
}

function writeAccount({ accountId, snapshot, operations, sessions, external }: AccountRecord) {
  const account = snapshot.accounts.find((one) => one.accountId === accountId)
  if (account === undefined) throw new Refusal('ADMIN_ACCOUNT_NOT_FOUND')
  return {
    accountId,
    status: account.status,
    erased: account.erasedAt !== undefined,
    createdAt: account.createdAt.toISOString(),
    since: account.since.toISOString(),
    mergedFrom: snapshot.accounts.flatMap((one) => (one.mergedInto === accountId ? [one.accountId] : [])),
    credentials: familyCredentials(snapshot, accountId).map((card) => ({
      credentialId: card.credentialId,
      homeAccountId: card.accountId,
      kind: card.kind,
      status: card.status,
      firstSeenAt: card.firstSeenAt.toISOString(),
      ...(card.lastUsedAt === undefined ? {} : { lastUsedAt: card.lastUsedAt.toISOString() }),
      ...(card.notAfter === undefined ? {} : { notAfter: card.notAfter.toISOString() }),
      replaces: snapshot.links
        .filter(({ newerId }) => newerId === card.credentialId)
        .map(({ olderId, relation, at }) => ({ credentialId: olderId, relation, at: at.toISOString() })),
    })),
    subjects: presentedSubjects(snapshot, accountId).map(({ sector, sub }) => ({ sector, sub })),
    externalIds: external.map(({ clientId, externalId }) => ({ clientId, externalId })),
    sessions: sessions.map(({ reference, signedInAt, expiresAt }) => {
      return { reference, signedInAt: signedInAt.toISOString(), expiresAt: expiresAt.toISOString() }
    }),
    operations: operations.map(({ id, act, actor, reason, at, undoes, undoneBy }) => ({
      ...{ operationId: id, act, actor, reason },
      at: at.toISOString(),
      ...(undoes === undefined ? {} : { undoes }),
      ...(undoneBy === undefined ? {} : { undoneBy }),
    })),
  }
}
