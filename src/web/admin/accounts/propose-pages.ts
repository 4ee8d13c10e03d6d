import { z } from 'zod'
import type { Preview } from '../../../administration/proposal/proposals.ts'
import { proposedActSchema, type ProposedAct } from '../../../administration/proposal/proposed-act.ts'
import { reasonSchema } from '../../../administration/reason.ts'
import { Refusal } from '../../../error-registry/refusal.ts'
import { TOLD_REASONS } from '../../../subject/notice/told-reason.ts'
import type { AdminRoutes } from '../admin-routes.ts'
import type { Admin } from '../caller.ts'
import { actorOfAdmin } from '../caller.ts'
import { definePage, go, page, type PageAnswer, type PageRequest } from '../define-page.ts'
import type { AccountPagesDependencies } from './account-dependencies.ts'
import { describeEffectsOf, describeProposal, factsOfAct } from './describe-proposal.ts'

/** What a form sends of an act: an empty field is none, and one card is a list of one. */
const actFields = z.strictObject({
  act: z.string(),
  accountId: z.string().optional(),
  credentialId: z.string().optional(),
  credentialIds: z.union([z.string(), z.array(z.string())]).optional(),
  into: z.string().optional(),
  supersedes: z.string().optional(),
  operationId: z.string().optional(),
})

const actForm = actFields.transform((fields, ctx) => readAct(fields, ctx))
const proposalForm = actFields
  .extend({
    version: z.string().max(64),
    reason: reasonSchema,
    toldAs: z.enum(['', ...TOLD_REASONS]),
  })
  .transform(({ version, reason, toldAs, ...fields }, ctx) => ({
    ...{ version, reason },
    toldAs: toldAs === '' ? undefined : toldAs,
    proposed: readAct(fields, ctx),
  }))

function readAct(fields: z.infer<typeof actFields>, ctx: z.RefinementCtx): ProposedAct {
  const given = Object.entries(fields).filter(([, value]) => value !== '')
  const { credentialIds, ...rest } = Object.fromEntries(given) as typeof fields
  const cards = credentialIds === undefined ? {} : { credentialIds: [credentialIds].flat() }
  const read = proposedActSchema.safeParse({ ...trimmed(rest), ...cards })
  if (read.success) return read.data
  for (const { message, path } of read.error.issues) ctx.addIssue({ code: 'custom', message, path })
  return z.NEVER
}

function trimmed(fields: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? value.trim() : value]),
  )
}

export const deciderOf = (admin: Admin) => ({
  actor: actorOfAdmin(admin),
  accountId: admin.accountId,
  role: admin.role,
})

/** First what would happen, exactly; then why; then a tap of the card; and then it waits for somebody else, or is done. */
export function createProposePages(deps: AccountPagesDependencies): AdminRoutes {
  const { proposals, records, clients, now } = deps

  const drawPreview = async (
    { locale, t }: Pick<PageRequest<unknown>, 'locale' | 't'>,
    preview: Preview,
    given: {
      readonly reason?: string
      readonly toldAs?: string
      readonly faults?: readonly string[]
      readonly status?: number
    } = {},
  ): Promise<PageAnswer> =>
    page(
      'admin/proposals/preview',
      'admin.proposal.previewTitle',
      {
        facts: factsOfAct(preview.proposed, t),
        fields: Object.entries(preview.proposed).flatMap(([name, value]) =>
          (Array.isArray(value) ? value : [value]).map((one) => ({ name, value: String(one) })),
        ),
        effects: await describeEffectsOf(preview.effects, { locale, records, clients }),
        ...{ needs: preview.needs, version: preview.version },
        openBeside: preview.openBeside.map((one) => describeProposal(one, locale, now())),
        toldReasons: TOLD_REASONS,
        reason: given.reason ?? '',
        toldAs: given.toldAs ?? '',
        faults: given.faults ?? [],
      },
      given.status ?? 200,
    )

  return {
    pages: [
      definePage({
        method: 'post',
        path: '/proposals/preview',
        act: 'proposals.preview',
        form: actForm,
        handle: async (request) =>
          drawPreview(request, await proposals.preview(request.fields, deciderOf(request.admin))),
      }),
      definePage({
        method: 'post',
        path: '/proposals',
        act: 'proposals.create',
        form: proposalForm,
        // drawn again: what is missing, or how it has changed since it was looked at
        invalid: async (request, fault) => {
          const { version: _version, reason, toldAs, ...fields } = request.fields
          const read = actForm.safeParse(fields)
          if (!read.success) throw new Refusal('ADMIN_FORM_INVALID', fault.message)
          const preview = await proposals.preview(read.data, deciderOf(request.admin))
          const faults = fault.issues.map(({ path }) => String(path[0]))
          return drawPreview(request, preview, {
            reason: typeof reason === 'string' ? reason : '',
            toldAs: typeof toldAs === 'string' ? toldAs : '',
            faults,
            status: faults.includes('version') ? 412 : 422,
          })
        },
        confirm: async ({ fields, admin, t }) => {
          const { version, needs } = await proposals.preview(fields.proposed, deciderOf(admin))
          if (version !== fields.version) {
            throw new z.ZodError([
              { code: 'custom', path: ['version'], message: 'changed meanwhile', input: undefined },
            ])
          }
          return {
            titleKey: 'admin.proposal.confirmPropose',
            facts: [...factsOfAct(fields.proposed, t), { label: t('admin.proposal.reason'), value: fields.reason }],
            note: t(`admin.proposal.needs.${needs}`),
          }
        },
        handle: async ({ fields, admin }) => {
          const { id, state } = await proposals.propose(fields, deciderOf(admin))
          return go(`/admin/proposals/${id}`, state === 'executed' ? 'proposal-executed' : 'proposal-made')
        },
      }),
    ],
    api: [],
  }
}
