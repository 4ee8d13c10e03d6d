import { Router, type Response } from 'express'
import { AgentRefusal } from '../ceremony/agent-refusal.ts'
import type { Ceremonies } from '../ceremony/create-ceremonies.ts'
import type { Ceremony } from '../ceremony/create-ceremony.ts'
import type { Scene } from '../ceremony/scene.ts'
import type { AgentLog } from '../observability/agent-log.ts'
import type { PinEntry } from '../pin/pin-entry.ts'
import { pinFromForm } from '../pin/pin-from-form.ts'
import { checkSameOrigin } from './check-same-origin.ts'
import type { KeypadDesk } from './keypad-desk.ts'
import { viewOfForm, viewOfQuery, type PageView } from './page-view.ts'
import { readFormBody } from './read-form-body.ts'
import { formOf, one } from './read-pin-form.ts'
import { renderRefusal } from './render-refusal.ts'
import { renderScene } from './render-scene.ts'
import { whileConnected } from './while-connected.ts'

/** The pages of a ceremony, and the forms on them. */
export function signInPages(deps: {
  ceremonies: Ceremonies
  log: AgentLog
  pinEntry: PinEntry | undefined
  keypads: KeypadDesk
}): Router {
  const { ceremonies, log, pinEntry, keypads } = deps
  const router = Router()
  const readForm = [checkSameOrigin, readFormBody]

  function show(response: Response, ceremony: Ceremony, scene: Scene, view: PageView, pressed?: number): void {
    renderScene(response, { ceremony, scene, view, keypads, pinEntry: pinEntry?.kind, pressed })
  }

  router.get('/sign-in', async (request, response) => {
    const { provider, ticket } = request.query
    if (typeof provider !== 'string' || typeof ticket !== 'string') throw new AgentRefusal('ADDRESS_INVALID')
    const opening = await ceremonies.open(provider, ticket)
    if (opening.outcome === 'busy') {
      // A PIN that is with the card now is not to be disturbed.
      const state = opening.running?.state()
      const replaceable = state === 'opened' || state === 'asking' ? opening.running : undefined
      log.info({ code: 'CEREMONY_BUSY' }, 'request refused')
      renderRefusal(response, 'CEREMONY_BUSY', replaceable && { token: replaceable.replaceToken, provider, ticket })
      return
    }
    show(response, opening.ceremony, await opening.ceremony.look(), viewOfQuery(request))
  })

  router.post('/sign-in/pin', ...readForm, async (request, response) => {
    const { fields, pin: typed, isEmpty } = formOf(request)
    // Digits typed with the keys of the page, where no script put them into the field.
    const pin = isEmpty ? keypads.forForm(one(fields, 'form')).take() : typed
    try {
      keypads.clear()
      const ceremony = ceremonies.byToken(one(fields, 'token'))
      const view = viewOfForm(fields)
      const locale = view.lang ?? ceremony.ticket.locale
      const scene = await ceremony.present(one(fields, 'form'), pinFromForm(pin), locale, whileConnected(response))
      show(response, ceremony, scene, view)
    } finally {
      pin?.fill(0)
    }
  })

  router.post('/sign-in/ask', ...readForm, async (request, response) => {
    const { fields } = formOf(request)
    if (pinEntry === undefined) throw new AgentRefusal('PAGE_NOT_FOUND')
    const ceremony = ceremonies.byToken(one(fields, 'token'))
    const view = viewOfForm(fields)
    const locale = view.lang ?? ceremony.ticket.locale
    const scene = await ceremony.present(one(fields, 'form'), pinEntry, locale, whileConnected(response))
    show(response, ceremony, scene, view)
  })

  router.post('/sign-in/key', ...readForm, async (request, response) => {
    const { fields } = formOf(request)
    const ceremony = ceremonies.byToken(one(fields, 'token'))
    const [form, key] = [one(fields, 'form'), one(fields, 'key')]
    let pressed: number | undefined
    if (form === ceremony.formId()) {
      const keypad = keypads.forForm(form)
      if (key === 'erase') keypad.erase()
      else if (/^[0-9]$/.test(key)) {
        pressed = Number(key)
        keypad.press(pressed)
      }
    }
    const scene = ceremony.lastScene() ?? (await ceremony.look())
    show(response, ceremony, scene, { ...viewOfForm(fields), keypad: true }, pressed)
  })

  router.post('/sign-in/choose', ...readForm, async (request, response) => {
    const { fields } = formOf(request)
    const ceremony = ceremonies.byToken(one(fields, 'token'))
    const reader = one(fields, 'reader')
    const scene = await ceremony.choose(one(fields, 'form'), /^\d{1,3}$/.test(reader) ? Number(reader) : undefined)
    show(response, ceremony, scene, viewOfForm(fields))
  })

  router.post('/sign-in/confirm', ...readForm, async (request, response) => {
    const { fields } = formOf(request)
    const ceremony = ceremonies.byToken(one(fields, 'token'))
    show(response, ceremony, await ceremony.confirm(), viewOfForm(fields))
  })

  router.post('/sign-in/leave', ...readForm, async (request, response) => {
    const { fields } = formOf(request)
    const ceremony = ceremonies.byToken(one(fields, 'token'))
    keypads.clear()
    show(response, ceremony, await ceremony.leave(), viewOfForm(fields))
  })

  router.post('/sign-in/replace', ...readForm, async (request, response) => {
    const { fields } = formOf(request)
    await ceremonies.byReplaceToken(one(fields, 'token')).leave()
    const address = new URLSearchParams({ provider: one(fields, 'provider'), ticket: one(fields, 'ticket') })
    response.redirect(303, `/sign-in?${address.toString()}`)
  })

  return router
}
