import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ejs, { type TemplateFunction } from 'ejs'
import type { Locale } from './locale.ts'
import { translator, type Messages, type Translate } from './messages.ts'

export interface PageContext {
  readonly locale: Locale
  /** Message key of the document's title. */
  readonly titleKey: string
  /** Where the page goes on by itself, at once. */
  readonly refreshTo?: string | undefined
  /** Address of the same page in the other language, or undefined where a page cannot be asked for again. */
  readonly otherLanguageHref?: string | undefined
  /** View around the page; `layout` unless told. */
  readonly layout?: string
}

/** Draws `views/<view>.ejs` inside the layout. Every value is escaped by the template (`<%= %>`). */
export type Render = (view: string, page: PageContext, values?: Readonly<Record<string, unknown>>) => string

export interface RenderDependencies {
  readonly viewsDirectory: URL
  readonly messages: Readonly<Record<Locale, Messages>>
}

/** Compiles every view once, at start: a broken template stops the start, not a person. */
export function createRender({ viewsDirectory, messages }: RenderDependencies): Render {
  const root = fileURLToPath(viewsDirectory)
  const views = new Map<string, TemplateFunction>()
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ejs')) continue
    const name = file.slice(0, -'.ejs'.length).replaceAll('\\', '/')
    const text = readFileSync(new URL(file, viewsDirectory), 'utf8')
    views.set(name, ejs.compile(text, { filename: `${root}/${file}`, views: [root] }))
  }
  const translate: Readonly<Record<Locale, Translate>> = {
    ja: translator(messages.ja),
    en: translator(messages.en),
  }
  const draw = (view: string, values: object): string => {
    const template = views.get(view)
    if (template === undefined) throw new Error(`no view ${view}`)
    return template(values)
  }
  return (view, page, values = {}) => {
    const common = { otherLanguageHref: undefined, refreshTo: undefined, ...page, t: translate[page.locale], ...values }
    // a piece of markup that several pages share, `views/partials`
    const part = (piece: string, own: object): string => draw(`partials/${piece}`, { ...common, part, ...own })
    return draw(page.layout ?? 'layout', { ...common, body: draw(view, { ...common, part }) })
  }
}
