import type { KoaContextWithOIDC } from 'oidc-provider'
import { isPostedRequest, redirectPostedRequests } from './accept-posted-request.ts'
import type { FaultAnswers } from './answer-faults.ts'
import { answerUnknownPaths } from './answer-unknown-paths.ts'
import { answerWithOwnPages } from './answer-with-own-pages.ts'
import { correctDiscovery } from './authorization-request.ts'
import type { ResumeBinding } from './bind-resume.ts'
import { answerInactiveForJwts } from './introspection.ts'
import { leaveUntyped } from './leave-untyped.ts'
import type { ProviderPages } from './provider-pages.ts'
import type { RequestWrites } from './request-writes.ts'
import { setSecurityHeaders } from './set-security-headers.ts'

/**
 * All that is ours around the library's own routes, in one step: what is done before it, and what becomes of its answer, each by its own
 * file. A chain of middlewares would cost each request a promise and a closure for every one of them.
 */
export function surroundLibrary({
  pages,
  faults,
  resumeBinding,
  sendWrites,
  newIncidentId,
  refusePost,
}: {
  readonly pages: ProviderPages
  readonly faults: FaultAnswers
  readonly resumeBinding: Pick<ResumeBinding, 'requireMark'>
  readonly sendWrites: RequestWrites['send']
  readonly newIncidentId: () => string
  readonly refusePost: Parameters<typeof redirectPostedRequests>[0]
}) {
  const redirectPosted = redirectPostedRequests(refusePost)
  const showOwnPage = answerWithOwnPages(pages)
  const tellUnknownPath = answerUnknownPaths(pages, newIncidentId)

  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    try {
      if (isPostedRequest(ctx)) await redirectPosted(ctx)
      else if (resumeBinding.requireMark(ctx)) {
        await sendWrites(ctx, next)
        leaveUntyped(ctx)
        correctDiscovery(ctx)
        answerInactiveForJwts(ctx)
      }
      showOwnPage(ctx)
      tellUnknownPath(ctx)
    } catch (fault) {
      // outside of the library's own handlers: Koa would answer in plain text
      faults.remember(ctx, fault)
    }
    faults.answer(ctx)
    setSecurityHeaders(ctx)
  }
}
