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

type Draw = (view: string, values: Readonly<Record<string, unknown>>) => string

/** Compiles every view once, at start: a broken template stops the start, not a person. */
export function createRender({ viewsDirectory, messages }: RenderDependencies): Render {
  const draw = compileViews(viewsDirectory)
  const translate: Readonly<Record<Locale, Translate>> = {
    ja: translator(messages.ja),
    en: translator(messages.en),
  }
  return (view, page, values = {}) => {
    const common = { otherLanguageHref: undefined, refreshTo: undefined, ...page, t: translate[page.locale], ...values }
    // a piece of markup that several pages share, `views/partials`
    const part = (piece: string, own: object): string => draw(`partials/${piece}`, { ...common, part, ...own })
    return draw(page.layout ?? 'layout', { ...common, body: draw(view, { ...common, part }) })
  }
}

/**
 * A template is compiled once more for the names that it is given: then they are variables of a function, where otherwise each of them is
 * looked for in an object (`with`). A page has the same names each time it is drawn.
 */
function compileViews(directory: URL): Draw {
  const root = fileURLToPath(directory)
  const views = new Map<string, { readonly text: string; readonly named: Map<string, TemplateFunction> }>()
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ejs')) continue
    const name = file.slice(0, -'.ejs'.length).replaceAll('\\', '/')
    const text = readFileSync(new URL(file, directory), 'utf8')
    ejs.compile(text, { filename: `${root}/${file}` })
    views.set(name, { text, named: new Map() })
  }
  return (view, values) => {
    const found = views.get(view)
    if (found === undefined) throw new Error(`no view ${view}`)
    const names = Object.keys(values)
    const key = names.join()
    let template = found.named.get(key)
    if (template === undefined) {
      template = ejs.compile(found.text, { filename: view, _with: false, destructuredLocals: names })
      found.named.set(key, template)
    }
    return template(values)
  }
}
