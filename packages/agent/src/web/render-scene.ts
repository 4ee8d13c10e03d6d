import type { Response } from 'express'
import type { Ceremony } from '../ceremony/create-ceremony.ts'
import type { Scene } from '../ceremony/scene.ts'
import { showReaderName } from '../card/show-reader-name.ts'
import { LOCALES, hasText, translator, type Locale, type Translate } from '../text/translate.ts'

/** Problems that checking again cannot mend: the page offers only the way back. */
const FINAL_PROBLEMS: readonly string[] = ['PIN_BLOCKED', 'CARD_NO_CERTIFICATE']

/** The page of a scene. Status 200: the scene is what was asked for, also when the card is missing. */
export function renderScene(response: Response, ceremony: Ceremony, scene: Scene, asked: Locale | undefined): void {
  const { ticket, provider } = ceremony
  const locale = asked ?? ticket.locale
  const t = translator(locale)
  const common = {
    t,
    locale,
    languages: LOCALES.map((code) => ({
      code,
      name: translator(code)('language.name'),
      href: addressOf(ceremony, code),
      current: code === locale,
    })),
    page: scene.page,
    code: 'code' in scene ? scene.code : undefined,
    relyingParty: ticket.relying_party,
    provider: provider.origin,
    token: ceremony.token,
    formId: ceremony.formId(),
    lang: asked,
    retryHref: addressOf(ceremony, asked),
    notice: noticeText(t, scene),
  }
  switch (scene.page) {
    case 'pin':
      response.render('pin', {
        ...common,
        title: t('pin.title'),
        triesLeft: scene.triesLeft,
        readerName: showReaderName(scene.readerName),
        fieldError: scene.notice === 'wrong-pin' || scene.notice === 'pin-format',
      })
      return
    case 'confirm':
      response.render('confirm', { ...common, title: t('confirm.title'), readerName: showReaderName(scene.readerName) })
      return
    case 'problem':
      response.render('problem', {
        ...common,
        title: t(`problem.${scene.code}.title`),
        steps: stepsOf(t, `problem.${scene.code}`),
        final: FINAL_PROBLEMS.includes(scene.code),
      })
      return
    case 'done':
      response.render('done', {
        ...common,
        title: t(scene.result === 'signed' ? 'done.signed.title' : 'done.stopped.title'),
        completionUri: scene.completionUri,
        signed: scene.result === 'signed',
      })
      return
    case 'failed':
      response.render('refusal', {
        ...common,
        title: t(`refusal.${scene.code}.title`),
        code: scene.code,
        message: t(`refusal.${scene.code}.message`),
        // A link, not a redirect: the person wants the site back, and its address came from the trusted provider.
        backHref: ticket.relying_party.origin,
        replace: undefined,
      })
  }
}

/** The address of a ceremony's page; reloading it shows the same ceremony. */
function addressOf(ceremony: Ceremony, locale: Locale | undefined): string {
  const query = new URLSearchParams({ provider: ceremony.provider.name, ticket: ceremony.ticketId })
  if (locale !== undefined) query.set('lang', locale)
  return `/sign-in?${query.toString()}`
}

/** What happened before this page, in words. */
function noticeText(t: Translate, scene: Scene): string | undefined {
  if (scene.page === 'done' || scene.page === 'failed' || scene.notice === undefined) return undefined
  if (scene.notice !== 'wrong-pin') return t(`notice.${scene.notice}`)
  if (scene.page === 'pin') return t('notice.wrong-pin', { tries: scene.triesLeft })
  return t(scene.page === 'confirm' ? 'notice.wrong-pin.last' : 'notice.wrong-pin.blocked')
}

/** `key.1`, `key.2` … as a list of things to do. */
function stepsOf(t: Translate, key: string): string[] {
  const steps: string[] = []
  while (hasText(`${key}.step.${String(steps.length + 1)}`)) steps.push(t(`${key}.step.${String(steps.length + 1)}`))
  return steps
}
