/** What one line of the Assuan protocol may hold, the command and its line feed included (libassuan, LINELENGTH 1002). */
export const MAX_LINE_BYTES = 1000

/**
 * Text as an argument of an Assuan command: `%`, line feeds and other control characters percent-escaped. `<` and `&` are replaced
 * by look-alikes: what a site calls itself must not become markup in a window whose toolkit guesses (Qt::AutoText).
 */
export function toAssuanText(text: string): string {
  return text
    .replaceAll('<', '‹')
    .replaceAll('&', '＆')
    .replace(/[%\p{Cc}]/gu, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`)
}
