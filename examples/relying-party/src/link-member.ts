import express, { Router } from 'express'
import { createLinkApi } from './link-api.ts'
import { findMember, signInMember } from './members.ts'
import { memberPage, memberSignInPage, type LinkNotice } from './pages.ts'
import type { Shop } from './shop.ts'
import { languageOf } from './words.ts'

/**
 * Members from before the card: they sign in once more as they always did, press a button, use their card, and from then on the card is
 * enough (`sign-in.ts` finds `external_id` in the ID token).
 */
export function createLinkMember(shop: Shop): Router {
  const { sessions, baseUrl } = shop
  const router = Router()
  const form = express.urlencoded({ extended: false, limit: '2kb' })
  const links = createLinkApi(shop)
  const returnUrl = `${baseUrl}/linked`

  router.get('/member', (req, res) => {
    const language = languageOf(req.headers['accept-language'])
    const { member, notice } = sessions.find(req) ?? {}
    res.send(member === undefined ? memberSignInPage(language, false) : memberPage(language, member, notice))
  })

  // Forms of ours only: SameSite=Lax keeps the cookie from a POST of another site.
  router.post('/member', form, (req, res) => {
    const { id, password } = req.body as { id?: unknown; password?: unknown }
    const member = signInMember(id, password)
    if (member === undefined) {
      res.status(403).send(memberSignInPage(languageOf(req.headers['accept-language']), true))
      return
    }
    sessions.end(req, res)
    sessions.start(res, { member })
    res.redirect(303, '/member')
  })

  /** Only for whoever is signed in as this member: the address that is made here is worth as much as the membership. */
  router.post('/link', async (req, res) => {
    const { member } = sessions.find(req) ?? {}
    if (member === undefined) {
      res.redirect(303, '/member')
      return
    }
    const { id, url } = await links.make({ external_id: member.id, label: member.name, return_url: returnUrl })
    sessions.end(req, res)
    sessions.start(res, { member, linkTicket: id })
    res.redirect(303, url)
  })

  /**
   * Back from the provider. What stands in the address is a hint, and the browser may be a stranger's: somebody may have sent our member's
   * link to him. So we ask the provider, and take the link back when this browser is not the one that began.
   */
  router.get('/linked', async (req, res) => {
    const language = languageOf(req.headers['accept-language'])
    const { member, linkTicket } = sessions.find(req) ?? {}
    const id = req.query['link_ticket']
    const ticket = typeof id === 'string' ? await links.show(id) : undefined
    if (ticket === undefined || member === undefined || ticket.id !== linkTicket) {
      if (ticket?.state === 'linked') await links.unlink(ticket.external_id)
      res.status(403).send(memberSignInPage(language, true))
      return
    }
    sessions.end(req, res)
    const notice: LinkNotice =
      ticket.state === 'linked' ? 'linked' : ticket.state === 'refused' ? 'linkRefused' : 'notLinked'
    sessions.start(res, { member, notice })
    res.redirect(303, '/member')
  })

  return router
}

/** The member whose card this is, if the ID token says so. */
export function memberOf(claims: Readonly<Record<string, unknown>>): ReturnType<typeof findMember> {
  return findMember(claims['external_id'])
}
