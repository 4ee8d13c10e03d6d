import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { LOCALES, type Locale } from './locale.ts'

/** Flat: `interaction.title` → text with `{name}` places. */
export type Messages = ReadonlyMap<string, string>
export type Translate = (key: string, values?: Readonly<Record<string, string>>) => string

type Tree = { readonly [key: string]: string | Tree }
const treeSchema: z.ZodType<Tree> = z.lazy(() => z.record(z.string(), z.union([z.string(), treeSchema])))

/** Reads locales/*.json once, at start. @throws ZodError when a file is not a tree of texts */
export function loadMessages(directory: URL): Readonly<Record<Locale, Messages>> {
  const read = (locale: Locale): Messages =>
    new Map(flatten(treeSchema.parse(JSON.parse(readFileSync(new URL(`${locale}.json`, directory), 'utf8')))))
  return Object.fromEntries(LOCALES.map((locale) => [locale, read(locale)])) as Record<Locale, Messages>
}

/**
 * Looks a text up and fills its places. Values are escaped where the page writes them, not here.
 * @throws Error on a key that does not exist: a page with a hole is a fault of ours, found by the first test that draws it
 */
export function translator(messages: Messages): Translate {
  return (key, values) => {
    const text = messages.get(key)
    if (text === undefined) throw new Error(`no message ${key}`)
    if (values === undefined) return text
    return text.replace(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place)
  }
}

function flatten(tree: Tree, prefix = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${prefix}${key}`, value] as [string, string]] : flatten(value, `${prefix}${key}.`),
  )
}
