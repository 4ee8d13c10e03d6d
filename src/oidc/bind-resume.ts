import { createHmac, timingSafeEqual } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { KoaContextWithOIDC } from 'oidc-provider'

/** The path at which oidc-provider goes on after an interaction. */
const RESUME_PATH = /^\/auth\/([\w-]{1,100})$/

export interface ResumeBinding {
  /** To be called where a browser has just finished an interaction: marks that browser. */
  mark(res: ServerResponse, interactionId: string): void
  /** Lets only a marked browser go on. @returns false: another one, which has its answer */
  readonly requireMark: (ctx: KoaContextWithOIDC) => boolean
}

/**
 * The browser that finishes an interaction must be the one that goes on with it (attacks.md 12, 13, 22).
 *
 * The cookies of oidc-provider alone do not say so: who can plant cookies in a victim's browser (a sibling subdomain, a network on
 * which any http: sibling is opened) plants that of his own interaction, lets the victim finish it there, and goes on himself with
 * the other half, which he kept. This mark is made in the finishing browser only, and no one else can make it.
 *
 * @param cookieKeys newest first; the first marks, all are accepted
 */
export function createResumeBinding({
  cookieKeys,
  secure,
  refuse,
}: {
  readonly cookieKeys: readonly string[]
  readonly secure: boolean
  /** Answers the request of another browser. @param hasCookies whether it sent any cookie at all */
  readonly refuse: (ctx: KoaContextWithOIDC, hasCookies: boolean) => void
}): ResumeBinding {
  const name = secure ? '__Secure-sekisho_finished' : 'sekisho_finished'
  const markOf = (key: string, interactionId: string): string =>
    createHmac('sha256', key).update(`sekisho finished interaction\0${interactionId}`).digest('base64url')

  return {
    mark(res, interactionId) {
      const [key = ''] = cookieKeys
      const attributes = `Path=/auth/${interactionId}; Max-Age=60; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
      res.appendHeader('Set-Cookie', `${name}=${markOf(key, interactionId)}; ${attributes}`)
    },

    requireMark(ctx) {
      const interactionId = RESUME_PATH.exec(ctx.path)?.[1]
      if (interactionId === undefined) return true
      const shown = ctx.cookies.get(name, { signed: false })
      const isMarked = shown !== undefined && cookieKeys.some((key) => isSame(shown, markOf(key, interactionId)))
      if (!isMarked) refuse(ctx, ctx.get('cookie') !== '')
      return isMarked
    },
  }
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}
