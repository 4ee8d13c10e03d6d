import { Router } from 'express'
import { readResource } from '../resources/read-resource.ts'

export const ASSETS = {
  'agent.css': 'text/css; charset=utf-8',
  'agent.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const

/** Style, script and picture of the pages. */
export function assetPages(): Router {
  const router = Router()
  for (const [name, type] of Object.entries(ASSETS)) {
    const content = readResource(`public/${name}`)
    router.get(`/assets/${name}`, (_request, response) => {
      response.set('Content-Type', type).send(content)
    })
  }
  return router
}
