import ejs, { type TemplateFunction } from 'ejs'
import type { Express } from 'express'
import { readResource } from '../resources/read-resource.ts'

/** Lets express draw `views/<name>.ejs` wherever the program's files are; each is compiled once. */
export function useViews(app: Express): void {
  app.set('view', ResourceView)
  app.enable('view cache')
}

/** What express makes of the name of a view, and keeps. */
class ResourceView {
  readonly name: string
  /** Express asks whether there is one. */
  readonly path: string
  readonly #template: TemplateFunction

  constructor(name: string) {
    this.name = name
    this.path = `views/${name}.ejs`
    this.#template = ejs.compile(textOf(name), { includer: (piece) => ({ template: textOf(piece) }) })
  }

  render(values: ejs.Data, done: (error: unknown, html?: string) => void): void {
    let html: string
    try {
      html = this.#template(values)
    } catch (error) {
      done(error)
      return
    }
    done(null, html)
  }
}

function textOf(view: string): string {
  return readResource(`views/${view}.ejs`).toString()
}
