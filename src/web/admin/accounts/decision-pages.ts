import { z } from 'zod'
import { PROPOSAL_STATES } from '../../../administration/proposal/proposal.ts'
import { reasonSchema } from '../../../administration/reason.ts'
import { mayRole } from '../../../administration/permissions.ts'
import type { AdminRoutes } from '../admin-routes.ts'
import { definePage, go, page } from '../define-page.ts'
import type { AccountPagesDependencies } from './account-dependencies.ts'
import { describeChange, describeEffectsOf, describeProposal, factsOfAct } from './describe-proposal.ts'
import { deciderOf } from './propose-pages.ts'

const PAGE = 50

/** What waits for a second pair of eyes, and what became of it. */
export function createDecisionPages({ proposals, records, clients, now }: AccountPagesDependencies): AdminRoutes {
  return {
    pages: [
      definePage({
        method: 'get',
        path: '/proposals',
        act: 'proposals.read',
        nav: { key: 'proposals', order: 20 },
        handle: async ({ query, locale }) => {
          const chosen = query['state'] ?? 'open'
          const state = PROPOSAL_STATES.find((one) => one === chosen)
          const before = /^\d{1,18}$/.test(query['before'] ?? '') ? query['before'] : undefined
          const found = await proposals.list({ state }, { before, limit: PAGE + 1 })
          const shown = found.slice(0, PAGE)
          const last = shown.at(-1)?.sequence
          return page('admin/proposals/list', 'admin.proposals.title', {
            states: ['all', ...PROPOSAL_STATES],
            state: state ?? 'all',
            proposals: shown.map((one) => describeProposal(one, locale, now())),
            nextHref:
              found.length > PAGE && last !== undefined
                ? `/admin/proposals?${new URLSearchParams({ state: state ?? 'all', before: last }).toString()}`
                : undefined,
          })
        },
      }),
      definePage({
        method: 'get',
        path: '/proposals/:proposalId',
        act: 'proposals.read',
        handle: async ({ params, admin, locale, t }) => {
          const view = await proposals.show(params['proposalId'] ?? '', deciderOf(admin))
          const { proposal, effects, changed, hindrance, mayWithdraw } = view
          const written = describeProposal(proposal, locale, now())
          const isOpen = written.state === 'open'
          const mayDecide = isOpen && mayRole(admin.role, 'proposals.approve')
          return page('admin/proposals/proposal', 'admin.proposal.title', {
            ...written,
            toldAs: proposal.toldAs,
            facts: factsOfAct(proposal.proposed, t),
            effects: effects && (await describeEffectsOf(effects, { locale, records, clients })),
            changed: changed.map((fact) => describeChange(fact, t)),
            hindrance: isOpen ? hindrance?.code : undefined,
            detail: hindrance?.detail,
            mayApprove: mayDecide && hindrance === undefined,
            // whoever it is about, or made it, does not stop it either
            mayReject: mayDecide && !['ADMIN_OWN_PROPOSAL', 'ADMIN_OWN_ACCOUNT'].includes(hindrance?.code ?? ''),
            mayWithdraw: isOpen && mayWithdraw && mayRole(admin.role, 'proposals.withdraw'),
            mayDecide,
          })
        },
      }),
      definePage({
        method: 'post',
        path: '/proposals/:proposalId/approve',
        act: 'proposals.approve',
        confirm: async ({ params, admin, t }) => {
          const { proposal, hindrance } = await proposals.show(params['proposalId'] ?? '', deciderOf(admin))
          if (hindrance !== undefined) throw hindrance
          const { proposer, reason } = proposal
          return {
            titleKey: 'admin.proposal.confirmApprove',
            facts: [
              ...factsOfAct(proposal.proposed, t),
              { label: t('admin.proposal.proposer'), value: proposer.actor },
              { label: t('admin.proposal.reason'), value: reason },
            ],
            note: t('admin.proposal.approveNote'),
          }
        },
        handle: async ({ params: { proposalId = '' }, admin }) => {
          await proposals.approve(proposalId, deciderOf(admin))
          return go(`/admin/proposals/${proposalId}`, 'proposal-approved')
        },
      }),
      definePage({
        method: 'post',
        path: '/proposals/:proposalId/reject',
        act: 'proposals.reject',
        form: z.strictObject({ reason: reasonSchema }),
        handle: async ({ params: { proposalId = '' }, admin, fields }) => {
          await proposals.reject(proposalId, deciderOf(admin), fields.reason)
          return go(`/admin/proposals/${proposalId}`, 'proposal-rejected')
        },
      }),
      definePage({
        method: 'post',
        path: '/proposals/:proposalId/withdraw',
        act: 'proposals.withdraw',
        handle: async ({ params: { proposalId = '' }, admin }) => {
          await proposals.withdraw(proposalId, deciderOf(admin))
          return go(`/admin/proposals/${proposalId}`, 'proposal-withdrawn')
        },
      }),
    ],
    api: [],
  }
}
