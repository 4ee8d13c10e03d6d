import type { Locale } from '../text/translate.ts'

/** POSIX: LC_ALL wins over LC_MESSAGES wins over LANG; an empty variable counts as unset. */
export function chooseLocale(env: NodeJS.ProcessEnv): Locale {
  const value = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || ''
  return /^ja(?:[_.@-]|$)/i.test(value) ? 'ja' : 'en'
}
