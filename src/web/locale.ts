export const LOCALES = ['ja', 'en'] as const
export type Locale = (typeof LOCALES)[number]

export interface LocaleWishes {
  /** `?lang=`: the person pressed the language link of a page. */
  readonly chosen?: string | undefined
  /** `ui_locales` of the authorization request (OpenID Connect Core §3.1.2.1): space-separated, best first. */
  readonly uiLocales?: string | undefined
  /** `Accept-Language` (RFC 9110 §12.5.4). */
  readonly acceptLanguage?: string | undefined
}

/** The first wish that can be met, else the operator's default. */
export function chooseLocale(wishes: LocaleWishes, fallback: Locale): Locale {
  return (
    supported(wishes.chosen) ??
    firstSupported(wishes.uiLocales?.slice(0, 200).split(' ') ?? []) ??
    firstSupported(byQuality(wishes.acceptLanguage?.slice(0, 500) ?? '')) ??
    fallback
  )
}

function firstSupported(tags: readonly string[]): Locale | undefined {
  for (const tag of tags) {
    const locale = supported(tag)
    if (locale !== undefined) return locale
  }
  return undefined
}

/** BCP 47 tag → locale by its primary subtag. */
function supported(tag: string | undefined): Locale | undefined {
  const primary = tag?.trim().toLowerCase().split('-')[0]
  return LOCALES.find((locale) => locale === primary)
}

function byQuality(header: string): string[] {
  return header
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.split(';')
      const quality = parameters.map((parameter) => /^\s*q=([0-9.]+)\s*$/.exec(parameter)?.[1]).find(Boolean)
      return { tag, quality: quality === undefined ? 1 : Number(quality) }
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag)
}
