import type { Response } from 'express'
import type { Ceremony } from '../ceremony/create-ceremony.ts'
import type { Notice, Scene } from '../ceremony/scene.ts'
import { nameScene } from '../ceremony/watch-ceremony.ts'
import { showReaderName } from '../card/show-reader-name.ts'
import type { PinEntryKind } from '../pin/pin-entry.ts'
import { hasText, translator, type Translate } from '../text/translate.ts'
import type { KeypadDesk } from './keypad-desk.ts'
import { languageLinks, toQuery, type PageView } from './page-view.ts'

/** Problems that checking again cannot mend: the page offers only the way back. */
const FINAL_PROBLEMS: readonly string[] = ['PIN_BLOCKED', 'CARD_NO_CERTIFICATE']

/** Notices of something typed that was not taken: they belong to the field. */
const FIELD_NOTICES: readonly (Notice | undefined)[] = ['wrong-pin', 'pin-format']

/** The page of a scene. Status 200: the scene is what was asked for, also when the card is missing. */
export function renderScene(
  response: Response,
  page: {
    ceremony: Ceremony
    scene: Scene
    view: PageView
    keypads: KeypadDesk
    /** Where the PIN is typed when not on the page. */
    pinEntry?: PinEntryKind | undefined
    /** The place of the key that was pressed to get here. */
    pressed?: number | undefined
  },
): void {
  const { ceremony, scene, view, keypads, pinEntry, pressed } = page
  const { ticket, provider } = ceremony
  const locale = view.lang ?? ticket.locale
  const t = translator(locale)
  const common = {
    t,
    locale,
    languages: languageLinks(locale, (lang) => addressOf(ceremony, { ...view, lang })),
    page: scene.page,
    code: 'code' in scene ? scene.code : scene.page === 'choose' ? 'SEVERAL_CARDS' : undefined,
    relyingParty: ticket.relying_party,
    provider: provider.origin,
    token: ceremony.token,
    formId: ceremony.formId(),
    view,
    seen: nameScene(ceremony),
    retryHref: addressOf(ceremony, view),
    notice: noticeText(t, scene),
  }
  switch (scene.page) {
    case 'pin': {
      const keypad = view.keypad && pinEntry === undefined ? keypads.forForm(ceremony.formId()) : undefined
      response.render('pin', {
        ...common,
        title: t('pin.title'),
        triesLeft: scene.triesLeft,
        readerName: showReaderName(scene.readerName),
        kind: scene.kind,
        chosen: scene.chosen,
        elsewhere: pinEntry !== undefined,
        fieldError: FIELD_NOTICES.includes(scene.notice),
        keys: keypad?.order,
        typed: keypad?.length() ?? 0,
        pressed,
        keypadHref: addressOf(ceremony, { ...view, keypad: !view.keypad }),
      })
      return
    }
    case 'confirm':
      response.render('confirm', { ...common, title: t('confirm.title'), readerName: showReaderName(scene.readerName) })
      return
    case 'choose':
      response.render('choose', { ...common, title: t('choose.title'), readers: readersToChoose(scene.readerNames) })
      return
    case 'asking':
      response.render('asking', { ...common, title: t('asking.title') })
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
function addressOf(ceremony: Ceremony, view: PageView): string {
  const query = { provider: ceremony.provider.name, ticket: ceremony.ticketId, ...toQuery(view) }
  return `/sign-in?${new URLSearchParams(query).toString()}`
}

/** Two readers of one model have one name: they are numbered as the system lists them. */
function readersToChoose(names: readonly string[]): { index: number; number: number; name: string }[] {
  return names.map((name, index) => ({ index, number: index + 1, name: showReaderName(name) }))
}

/** What happened before this page, in words. */
function noticeText(t: Translate, scene: Scene): string | undefined {
  if (!('notice' in scene)) return undefined
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
