import express, { Router } from 'express'
import { leftPage, settingsPage } from './pages.ts'
import { requireFreshCard, signedInOf } from './require-fresh-card.ts'
import type { Shop } from './shop.ts'
import { languageOf } from './words.ts'

const MAX_NICKNAME = 40

/** The sensitive page: what the shop knows of somebody, to change and to delete. Each request wants a fresh card. */
export function createSettings(shop: Shop): Router {
  const { sessions, users, issuer } = shop
  const router = Router()
  const form = express.urlencoded({ extended: false, limit: '2kb' })
  const fresh = requireFreshCard(shop)

  router.get('/settings', fresh, (req, res) => {
    const { user } = signedInOf(shop, req)
    res.send(settingsPage(languageOf(req.headers['accept-language']), users.welcome(user)))
  })

  // Forms of ours only: SameSite=Lax keeps the cookie from a POST of another site.
  router.post('/settings', fresh, form, (req, res) => {
    const { nickname } = req.body as { nickname?: unknown }
    const { user } = signedInOf(shop, req)
    if (typeof nickname === 'string') users.welcome(user).nickname = nickname.slice(0, MAX_NICKNAME)
    res.redirect(303, '/settings')
  })

  /** Somebody leaves: the shop forgets them and ends all their sessions. At the provider, they disconnect the shop themselves. */
  router.post('/leave', fresh, (req, res) => {
    const { user } = signedInOf(shop, req)
    users.forget(user)
    sessions.end(req, res)
    sessions.signOutAll((signedIn) => signedIn.user === user)
    res.send(leftPage(languageOf(req.headers['accept-language']), `${issuer}/account`))
  })

  return router
}
