/** What the terminal speaks (POSIX: LC_ALL over LC_MESSAGES over LANG). */
export function preferredLanguage({ LC_ALL, LC_MESSAGES, LANG }: NodeJS.ProcessEnv): 'ja' | 'en' {
  return (LC_ALL || LC_MESSAGES || LANG || '').startsWith('ja') ? 'ja' : 'en'
}
