import { z } from 'zod'
import { defineApiRoute, type ApiRoute } from '../api/define-api-route.ts'
import type { OverviewDependencies } from './overview-dependencies.ts'
import { beginOf, bucketsOf, topRefusals } from './sign-in-buckets.ts'

const count = z.int().min(0)

/** The overview in numbers, for programs that watch. */
export function createOverviewApi(deps: OverviewDependencies): ApiRoute[] {
  const { counts, health, openProposals, openCandidates, endingCertificates, now } = deps
  return [
    defineApiRoute({
      method: 'get',
      path: '/overview',
      act: 'overview.read',
      tag: 'Overview',
      summary: 'Sign-ins by outcome, refusals, the state of what is needed, and what waits for somebody.',
      query: z.strictObject({ range: z.enum(['day', 'week', 'month']).default('week') }),
      response: z.strictObject({
        state: z.enum(['ok', 'degraded', 'unready']),
        checks: z.array(z.strictObject({ name: z.string(), state: z.enum(['ok', 'degraded', 'unready']) })),
        signIns: z.array(z.strictObject({ begin: z.iso.datetime(), succeeded: count, refused: count })),
        refusals: z.array(z.strictObject({ code: z.string(), count })),
        openProposals: count,
        openMergeCandidates: count,
        /** null: they could not be counted in time. */
        endingCertificates: z.array(z.strictObject({ month: z.iso.datetime(), count })).nullable(),
      }),
      async handle({ query: { range } }) {
        const at = now()
        const [since, { state, checks }, proposals, candidates, certificates] = await Promise.all([
          counts.since(beginOf(range, at)),
          health.read(),
          openProposals(),
          openCandidates(),
          endingCertificates(),
        ])
        return {
          body: {
            state,
            checks: checks.map(({ name, state: found }) => ({ name, state: found })),
            signIns: bucketsOf(range, since, at).map(({ begin, ...rest }) => ({ begin: begin.toISOString(), ...rest })),
            refusals: [...topRefusals(since, 20)],
            openProposals: proposals,
            openMergeCandidates: candidates,
            endingCertificates:
              certificates?.map(({ month, count: ending }) => ({ month: month.toISOString(), count: ending })) ?? null,
          },
        }
      },
    }),
  ]
}
