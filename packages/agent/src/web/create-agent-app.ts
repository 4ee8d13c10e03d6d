import express, { type Express, type Request, type RequestHandler, type Response } from 'express'
import ejs from 'ejs'
import { fileURLToPath } from 'node:url'
import { AgentRefusal } from '../ceremony/agent-refusal.ts'
import type { Ceremonies } from '../ceremony/create-ceremonies.ts'
import type { Ceremony } from '../ceremony/create-ceremony.ts'
import type { Scene } from '../ceremony/scene.ts'
import type { AgentLog } from '../observability/agent-log.ts'
import { LOCALES, isLocale, translator } from '../text/translate.ts'
import { askedLanguage, languageWithoutTicket } from './choose-language.ts'
import { checkHost } from './check-host.ts'
import { checkMethod } from './check-method.ts'
import { checkNavigation } from './check-navigation.ts'
import { checkSameOrigin } from './check-same-origin.ts'
import { MAX_FORM_BYTES, readPinForm, type PinForm } from './read-pin-form.ts'
import { handleErrors, renderRefusal } from './render-refusal.ts'
import { renderScene } from './render-scene.ts'
import { setSecurityHeaders } from './set-security-headers.ts'

const folder = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))

export function createAgentApp(deps: {
  ceremonies: Ceremonies
  log: AgentLog
  /** The port that is really listened on. */
  port: () => number
  version: string
  /** Lets a request of another user of this computer fail (see check-peer-user.ts). */
  checkPeer: RequestHandler
}): Express {
  const { ceremonies, log, port, version, checkPeer } = deps
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  app.set('views', folder('views'))
  app.engine('ejs', (path, locals, done) => {
    ejs.renderFile(path, locals as Record<string, unknown>, done)
  })
  app.set('view engine', 'ejs')
  app.enable('view cache')

  app.use(setSecurityHeaders, checkHost(port), checkPeer, checkMethod)
  app.use(
    '/assets',
    express.static(folder('public'), { index: false, etag: false, cacheControl: false, redirect: false }),
  )
  app.use(checkNavigation)

  app.get('/', (request, response) => {
    const locale = languageWithoutTicket(request)
    const t = translator(locale)
    const languages = LOCALES.map((code) => ({
      code,
      name: translator(code)('language.name'),
      href: `/?lang=${code}`,
      current: code === locale,
    }))
    response.render('home', {
      t,
      locale,
      languages,
      page: 'home',
      code: undefined,
      title: t('home.title'),
      version,
      lang: undefined,
    })
  })

  app.get('/sign-in', async (request, response) => {
    const { provider, ticket } = request.query
    if (typeof provider !== 'string' || typeof ticket !== 'string') throw new AgentRefusal('ADDRESS_INVALID')
    const opening = await ceremonies.open(provider, ticket)
    if (opening.outcome === 'busy') {
      // A PIN that is with the card now is not to be disturbed.
      const replaceable = opening.running?.state() === 'opened' ? opening.running : undefined
      log.info({ code: 'CEREMONY_BUSY' }, 'request refused')
      renderRefusal(response, 'CEREMONY_BUSY', replaceable && { token: replaceable.replaceToken, provider, ticket })
      return
    }
    show(request, response, opening.ceremony, await opening.ceremony.look())
  })

  const readForm = [checkSameOrigin, express.raw({ type: 'application/x-www-form-urlencoded', limit: MAX_FORM_BYTES })]

  app.post('/sign-in/pin', ...readForm, async (request, response) => {
    const { fields, pin } = formOf(request)
    try {
      const ceremony = ceremonies.byToken(one(fields, 'token'))
      const form = one(fields, 'form')
      const scene = pin === undefined ? await ceremony.look('pin-format') : await ceremony.present(form, pin)
      show(request, response, ceremony, scene, fields)
    } finally {
      pin?.fill(0)
    }
  })

  app.post('/sign-in/confirm', ...readForm, async (request, response) => {
    const { fields } = formOf(request)
    const ceremony = ceremonies.byToken(one(fields, 'token'))
    show(request, response, ceremony, await ceremony.confirm(), fields)
  })

  app.post('/sign-in/leave', ...readForm, async (request, response) => {
    const { fields } = formOf(request)
    const ceremony = ceremonies.byToken(one(fields, 'token'))
    show(request, response, ceremony, await ceremony.leave(), fields)
  })

  app.post('/sign-in/replace', ...readForm, async (request, response) => {
    const { fields } = formOf(request)
    await ceremonies.byReplaceToken(one(fields, 'token')).leave()
    const address = new URLSearchParams({ provider: one(fields, 'provider'), ticket: one(fields, 'ticket') })
    response.redirect(303, `/sign-in?${address.toString()}`)
  })

  app.use(() => {
    throw new AgentRefusal('PAGE_NOT_FOUND')
  })
  app.use(handleErrors(log))
  return app
}

function show(request: Request, response: Response, ceremony: Ceremony, scene: Scene, fields?: URLSearchParams): void {
  const asked = fields?.get('lang')
  renderScene(response, ceremony, scene, isLocale(asked) ? asked : askedLanguage(request))
}

function formOf(request: Request): PinForm {
  if (!Buffer.isBuffer(request.body)) throw new AgentRefusal('BODY_INVALID', 'not a form')
  return readPinForm(request.body)
}

/** A field that must be there exactly once. */
function one(fields: URLSearchParams, name: string): string {
  const values = fields.getAll(name)
  if (values.length !== 1 || values[0] === undefined) throw new AgentRefusal('BODY_INVALID', name)
  return values[0]
}
