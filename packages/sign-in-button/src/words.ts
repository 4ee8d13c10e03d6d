/** `ja-easy`: やさしい日本語, for readers who are learning Japanese: short words, no kanji, spaces between phrases. */
export const LANGUAGES = ['ja', 'en', 'ja-easy'] as const
export type Language = (typeof LANGUAGES)[number]

interface Words {
  readonly label: string
  readonly busy: string
  readonly cancelled: string
  readonly later: string
  readonly again: string
}

export const WORDS: Readonly<Record<Language, Words>> = {
  ja: {
    label: 'マイナンバーカードでサインイン',
    busy: 'お待ちください…',
    cancelled: 'サインインは中止されました。',
    later: '今はサインインできません。しばらくしてからもう一度お試しください。',
    again: 'サインインできませんでした。もう一度お試しください。',
  },
  en: {
    label: 'Sign in with My Number Card',
    busy: 'One moment…',
    cancelled: 'The sign-in was stopped.',
    later: 'Signing in is not possible right now. Please try again later.',
    again: 'You are not signed in. Please try again.',
  },
  'ja-easy': {
    label: 'マイナンバーカードを つかって はいる',
    busy: 'まってください…',
    cancelled: 'はいるのを やめました。',
    later: 'いまは はいることが できません。すこし まってから、もういちど おしてください。',
    again: 'はいることが できませんでした。もういちど おしてください。',
  },
}

/** What was asked for, else what the page around is written in, else Japanese. A page in a third language gets English. */
export function chooseLanguage(wish: string | null, around: string | undefined): Language {
  const asked = LANGUAGES.find((language) => language === wish)
  if (asked !== undefined) return asked
  const tag = (around ?? '').toLowerCase()
  if (tag === 'ja-easy' || tag === 'ja-x-easy') return 'ja-easy'
  return tag === '' || tag.split('-')[0] === 'ja' ? 'ja' : 'en'
}

/** The sentence for an error code. A person has no use for the code itself. */
export function messageFor(code: string, { cancelled, later, again }: Words): string {
  if (code === 'access_denied') return cancelled
  return code === 'temporarily_unavailable' || code === 'provider_unreachable' ? later : again
}
