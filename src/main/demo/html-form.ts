/** One form of a page, as a scripted user agent needs it. */
export interface HtmlForm {
  readonly id: string | undefined
  readonly action: string
  readonly method: 'get' | 'post'
  /** Hidden and prefilled fields. */
  readonly values: Readonly<Record<string, string>>
  /** Names of the fields a person fills in. */
  readonly fields: readonly string[]
  readonly buttons: readonly { readonly name: string | undefined; readonly value: string }[]
}

/** The forms of one of our own pages. Not a parser for HTML of others: our templates write every attribute in double quotes. */
export function formsOf(html: string): HtmlForm[] {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, attributes = '', content = '']) => {
    const values: Record<string, string> = {}
    const fields: string[] = []
    for (const [, input = ''] of content.matchAll(/<input\b([^>]*)>/g)) {
      const name = attribute(input, 'name')
      if (name === undefined) continue
      if (attribute(input, 'type') === 'hidden') values[name] = attribute(input, 'value') ?? ''
      else fields.push(name)
    }
    const buttons = [...content.matchAll(/<button\b([^>]*)>/g)].map(([, button = '']) => ({
      name: attribute(button, 'name'),
      value: attribute(button, 'value') ?? '',
    }))
    return {
      id: attribute(attributes, 'id'),
      action: attribute(attributes, 'action') ?? '',
      method: attribute(attributes, 'method') === 'post' ? 'post' : 'get',
      values,
      fields,
      buttons,
    }
  })
}

/** Where `<meta http-equiv="refresh" content="0; url=…">` leads, if the page has one. */
export function refreshOf(html: string): string | undefined {
  const tag = /<meta\b[^>]*http-equiv="refresh"[^>]*>/i.exec(html)?.[0]
  return tag === undefined ? undefined : /^\s*\d+\s*;\s*url=(.*)$/i.exec(attribute(tag, 'content') ?? '')?.[1]
}

/** Value of the first `name="…"` anywhere in the page. */
export function attribute(html: string, name: string): string | undefined {
  const value = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(html)?.[1]
  return value === undefined ? undefined : unescape(value)
}

function unescape(text: string): string {
  const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' }
  return text.replace(/&(?:#(\d+)|(\w+));/g, (entity, code?: string, name?: string) =>
    code === undefined ? (named[name ?? ''] ?? entity) : String.fromCodePoint(Number(code)),
  )
}
