import { Router } from 'express'
import type { CardAccess } from '../card/with-card.ts'
import type { Ceremonies } from '../ceremony/create-ceremonies.ts'
import { watchCeremony, type WatchTimes } from '../ceremony/watch-ceremony.ts'
import type { PinEntry } from '../pin/pin-entry.ts'
import { checkSameOrigin } from './check-same-origin.ts'
import type { KeypadDesk } from './keypad-desk.ts'
import { viewOfForm } from './page-view.ts'
import { readFormBody } from './read-form-body.ts'
import { formOf, one } from './read-pin-form.ts'
import { renderScene } from './render-scene.ts'
import { whileConnected } from './while-connected.ts'

/** More pages of one sign-in than anybody has open. */
const MAX_WATCHES = 8

/**
 * What keeps a page true while nobody presses anything: a script of ours asks with the name of what it shows, and gets the page to
 * show instead as soon as there is one. 204 when nothing changed for a while.
 */
export function watchPage(deps: {
  ceremonies: Ceremonies
  access: CardAccess
  watchTimes: WatchTimes
  keypads: KeypadDesk
  pinEntry: PinEntry | undefined
}): Router {
  const { ceremonies, access, watchTimes, keypads, pinEntry } = deps
  let watches = 0
  const router = Router()
  router.post('/sign-in/watch', checkSameOrigin, readFormBody, async (request, response) => {
    const { fields } = formOf(request)
    const ceremony = ceremonies.byToken(one(fields, 'token'))
    const seen = one(fields, 'seen')
    watches += 1
    try {
      const signal = whileConnected(response)
      const scene =
        watches > MAX_WATCHES ? undefined : await watchCeremony({ ceremony, access, seen, signal }, watchTimes)
      if (signal.aborted) return
      if (scene === undefined) response.status(204).end()
      else renderScene(response, { ceremony, scene, view: viewOfForm(fields), keypads, pinEntry: pinEntry?.kind })
    } finally {
      watches -= 1
    }
  })
  return router
}
