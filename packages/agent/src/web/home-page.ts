import { Router } from 'express'
import { translator } from '../text/translate.ts'
import { languageWithoutTicket } from './choose-language.ts'
import { languageLinks } from './page-view.ts'

/** What somebody sees who opens the agent's address without a ticket. */
export function homePage({ version }: { version: string }): Router {
  const router = Router()
  router.get('/', (request, response) => {
    const locale = languageWithoutTicket(request)
    const t = translator(locale)
    response.render('home', {
      t,
      locale,
      languages: languageLinks(locale, (code) => `/?lang=${code}`),
      page: 'home',
      code: undefined,
      title: t('home.title'),
      version,
    })
  })
  return router
}
