const RETURN_PATH = /^\/admin(?:[/?][\x21-\x5b\x5d-\x7e]*)?$/

/** A path of the console and nothing else: whatever begins so stays on this origin (no open redirect). */
export function isConsolePath(text: unknown): text is `/admin${string}` {
  return typeof text === 'string' && text.length <= 2000 && RETURN_PATH.test(text)
}

/** Where somebody wanted to be before they had to sign in. */
export function returnPathOf(text: unknown): `/admin${string}` {
  return isConsolePath(text) ? text : '/admin'
}
