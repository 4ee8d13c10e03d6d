import express, { type Express, type RequestHandler } from 'express'
import type { CardAccess } from '../card/with-card.ts'
import { AgentRefusal } from '../ceremony/agent-refusal.ts'
import type { Ceremonies } from '../ceremony/create-ceremonies.ts'
import type { WatchTimes } from '../ceremony/watch-ceremony.ts'
import type { DoctorDeps } from '../doctor/doctor-deps.ts'
import type { AgentLog } from '../observability/agent-log.ts'
import type { PinEntry } from '../pin/pin-entry.ts'
import { assetPages } from './asset-pages.ts'
import { checkHost } from './check-host.ts'
import { checkMethod } from './check-method.ts'
import { checkNavigation } from './check-navigation.ts'
import { doctorPage } from './doctor-page.ts'
import { useViews } from './draw-views.ts'
import { homePage } from './home-page.ts'
import { createKeypadDesk } from './keypad-desk.ts'
import { presence } from './presence.ts'
import { handleErrors } from './render-refusal.ts'
import { setSecurityHeaders } from './set-security-headers.ts'
import { signInPages } from './sign-in-pages.ts'
import { watchPage } from './watch-page.ts'

export interface AgentAppDeps {
  readonly ceremonies: Ceremonies
  readonly access: CardAccess
  readonly doctor: DoctorDeps
  readonly log: AgentLog
  /** The port that is really listened on. */
  readonly port: () => number
  readonly version: string
  /** Where the PIN is typed when not on the page. */
  readonly pinEntry: PinEntry | undefined
  readonly watchTimes: WatchTimes
  /** Lets a request of another user of this computer fail (see check-peer-user.ts). */
  readonly checkPeer: RequestHandler
}

export function createAgentApp(deps: AgentAppDeps): Express {
  const { log, port, checkPeer } = deps
  const pages = { ...deps, keypads: createKeypadDesk() }
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  useViews(app)

  app.use(setSecurityHeaders, checkHost(port), checkPeer, checkMethod)
  app.use(assetPages())
  // The two addresses that a script may fetch, one of ours and one of a trusted provider; they have checks of their own.
  app.use(watchPage(pages), presence(deps.doctor))
  app.use(checkNavigation)
  app.use(homePage(pages), doctorPage(pages), signInPages(pages))
  app.use(() => {
    throw new AgentRefusal('PAGE_NOT_FOUND')
  })
  app.use(handleErrors(log))
  return app
}
