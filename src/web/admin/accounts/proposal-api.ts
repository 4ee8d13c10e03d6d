import { z } from 'zod'
import { NEEDED_EYES, PROPOSAL_STATES, stateAt, type Proposal } from '../../../administration/proposal/proposal.ts'
import { reasonSchema as reason } from '../../../administration/reason.ts'
import { proposedActSchema } from '../../../administration/proposal/proposed-act.ts'
import { TOLD_REASONS } from '../../../subject/notice/told-reason.ts'
import type { AdminRoutes } from '../admin-routes.ts'
import { defineApiRoute } from '../api/define-api-route.ts'
import { pageOf, pageQuery } from '../api/pagination.ts'
import { actorOfCaller, type Caller } from '../caller.ts'
import type { AccountPagesDependencies } from './account-dependencies.ts'
import { deciderOf } from './propose-pages.ts'

const params = z.strictObject({ proposalId: z.uuid() })
const tag = 'Proposals'

const proposalSchema = z.strictObject({
  id: z.uuid(),
  proposed: proposedActSchema,
  state: z.enum(PROPOSAL_STATES),
  needs: z.enum(NEEDED_EYES),
  accountIds: z.array(z.uuid()),
  reason: z.string(),
  toldAs: z.enum(TOLD_REASONS).optional(),
  proposedBy: z.string(),
  proposedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  closedBy: z.string().optional(),
  closedAt: z.iso.datetime().optional(),
  closingReason: z.string().optional(),
  operationId: z.uuid().optional(),
})

const placeSchema = z.strictObject({ accountId: z.uuid(), status: z.string() })
const previewSchema = z.strictObject({
  version: z.string(),
  needs: z.enum(NEEDED_EYES),
  openProposals: z.array(z.uuid()),
  accounts: z.array(
    z.strictObject({
      accountId: z.uuid(),
      before: z.string().optional(),
      after: z.string(),
      mergedInto: z.uuid().optional(),
    }),
  ),
  credentials: z.array(z.strictObject({ credentialId: z.uuid(), before: placeSchema, after: placeSchema })),
  people: z.array(
    z.strictObject({
      credentialIds: z.array(z.uuid()),
      from: z.uuid(),
      to: z.uuid(),
      sites: z.array(
        z.strictObject({ sector: z.string(), before: z.string().optional(), after: z.string().optional() }),
      ),
    }),
  ),
})

export const deciderOfCaller = (caller: Caller) =>
  caller.kind === 'administrator' ? deciderOf(caller) : { actor: actorOfCaller(caller) }

/** The same use cases as the pages. A program by itself proposes, and never approves (permissions.ts). */
export function createProposalApi({ proposals, now }: AccountPagesDependencies): AdminRoutes {
  const written = (proposal: Proposal) => ({ body: writeProposal(proposal, now()) })
  return {
    pages: [],
    api: [
      defineApiRoute({
        method: 'post',
        path: '/proposals/preview',
        act: 'proposals.preview',
        tag,
        summary: 'What an act would change, exactly; its version is what proposing asks for.',
        body: proposedActSchema,
        response: previewSchema,
        handle: async ({ body, caller }) => {
          const { effects, needs, version, openBeside } = await proposals.preview(body, deciderOfCaller(caller))
          return {
            body: {
              ...{ version, needs },
              openProposals: openBeside.map(({ id }) => id),
              accounts: effects.accounts.map(({ accountId, before, after, mergedInto }) => {
                return { accountId, ...defined({ before, mergedInto }), after }
              }),
              credentials: effects.cards.map(({ credentialId, before, after }) => ({ credentialId, before, after })),
              people: effects.people.map(({ credentialIds, from, to, sites }) => ({
                ...{ credentialIds: [...credentialIds], from, to },
                sites: sites.map(({ sector, before, after }) => ({ sector, ...defined({ before, after }) })),
              })),
            },
          }
        },
      }),
      defineApiRoute({
        method: 'post',
        path: '/proposals',
        act: 'proposals.create',
        tag,
        summary:
          'Proposes; done at once where the policy asks for nobody else. 412 when it is not as previewed any more.',
        status: 201,
        body: z.strictObject({
          proposed: proposedActSchema,
          reason,
          toldAs: z.enum(TOLD_REASONS).optional(),
          version: z.string().max(64),
        }),
        response: proposalSchema,
        handle: async ({ body, caller }) => {
          const proposal = await proposals.propose(body, deciderOfCaller(caller))
          return { ...written(proposal), location: `/proposals/${proposal.id}` }
        },
      }),
      defineApiRoute({
        method: 'get',
        path: '/proposals',
        act: 'proposals.read',
        tag,
        summary: 'Proposals, newest first.',
        query: pageQuery.extend({ state: z.enum(PROPOSAL_STATES).optional(), account: z.uuid().optional() }),
        response: pageOf(proposalSchema),
        handle: async ({ query: { limit, cursor, state, account } }) => {
          const before = cursor !== undefined && /^\d{1,18}$/.test(cursor) ? cursor : undefined
          const filter = { state, ...(account === undefined ? {} : { accountIds: [account] }) }
          const found = await proposals.list(filter, { before, limit: limit + 1 })
          const items = found.slice(0, limit)
          const next = found.length > limit ? items.at(-1)?.sequence : undefined
          return { body: { items: items.map((one) => writeProposal(one, now())), ...defined({ next }) } }
        },
      }),
      defineApiRoute({
        method: 'get',
        path: '/proposals/:proposalId',
        act: 'proposals.read',
        tag,
        summary: 'One proposal.',
        params,
        response: proposalSchema,
        handle: async ({ params: { proposalId }, caller }) =>
          written((await proposals.show(proposalId, deciderOfCaller(caller))).proposal),
      }),
      defineApiRoute({
        method: 'post',
        path: '/proposals/:proposalId/approval',
        act: 'proposals.approve',
        tag,
        summary: 'Carries out what was proposed. 412 when it is not as its proposer saw it any more.',
        params,
        response: proposalSchema,
        handle: async ({ params: { proposalId }, caller }) =>
          written(await proposals.approve(proposalId, deciderOfCaller(caller))),
      }),
      defineApiRoute({
        method: 'post',
        path: '/proposals/:proposalId/rejection',
        act: 'proposals.reject',
        tag,
        summary: 'Rejects it, with a reason.',
        params,
        body: z.strictObject({ reason }),
        response: proposalSchema,
        handle: async ({ params: { proposalId }, body, caller }) =>
          written(await proposals.reject(proposalId, deciderOfCaller(caller), body.reason)),
      }),
      defineApiRoute({
        method: 'post',
        path: '/proposals/:proposalId/withdrawal',
        act: 'proposals.withdraw',
        tag,
        summary: 'Takes back what one proposed oneself.',
        params,
        response: proposalSchema,
        handle: async ({ params: { proposalId }, caller }) =>
          written(await proposals.withdraw(proposalId, deciderOfCaller(caller))),
      }),
    ],
  }
}

function writeProposal(proposal: Proposal, now: Date) {
  const { id, proposed, needs, accountIds, reason: why, toldAs, proposer, closed } = proposal
  return {
    ...{ id, proposed, state: stateAt(proposal, now), needs, accountIds: [...accountIds], reason: why },
    proposedBy: proposer.actor,
    proposedAt: proposal.proposedAt.toISOString(),
    expiresAt: proposal.expiresAt.toISOString(),
    ...defined({
      toldAs,
      closedBy: closed?.by.actor,
      closedAt: closed?.at.toISOString(),
      closingReason: closed?.reason,
      operationId: closed?.operationId,
    }),
  }
}

/** Without what is undefined. */
function defined<Values extends object>(values: Values): { [Name in keyof Values]?: NonNullable<Values[Name]> } {
  const kept = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(kept) as { [Name in keyof Values]?: NonNullable<Values[Name]> }
}
