import { Router, type Request, type Response } from 'express'
import { callApi } from './call-api.ts'
import { ordersPage, stepUpPage, type Order } from './pages.ts'
import type { Shop } from './shop.ts'
import { languageOf } from './words.ts'

/**
 * What another service keeps: the shop asks it in the person's name (examples/resource-server). Who may see and pay is decided there; what it
 * refuses for want of a fresh card, the shop turns into a page that asks for the card.
 */
export function createOrders({ api, connect, sessions }: Shop & { readonly api: string }): Router {
  const router = Router()

  /** @returns the answer; undefined when the person was told something instead */
  const ask = async (req: Request, res: Response, method: 'GET' | 'POST', path: string): Promise<unknown> => {
    const signedIn = sessions.find(req)?.signedIn
    if (signedIn === undefined) {
      res.redirect(303, '/')
      return undefined
    }
    const answer = await callApi(await connect(), signedIn.accessToken, method, new URL(path, api))
    if (answer.outcome === 'answered') return answer.body
    const language = languageOf(req.headers['accept-language'])
    res.status(401).send(stepUpPage(language, 'stepUpOrders', { for: '/orders', ...answer.wishes }))
    return undefined
  }

  router.get('/orders', async (req, res) => {
    const body = await ask(req, res, 'GET', '/orders')
    if (body === undefined) return
    const { orders } = body as { readonly orders: readonly Order[] }
    res.send(ordersPage(languageOf(req.headers['accept-language']), orders, req.query['paid'] !== undefined))
  })

  // A form of ours only: SameSite=Lax keeps the cookie from a POST of another site.
  router.post('/orders/:id/payment', async (req, res) => {
    const body = await ask(req, res, 'POST', `/orders/${encodeURIComponent(req.params.id)}/payment`)
    if (body !== undefined) res.redirect(303, '/orders?paid')
  })

  return router
}
