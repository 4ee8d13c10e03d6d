/** Letters that take two columns: kana, Chinese characters, hangul, and everything full-width. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u

/**
 * Breaks lines at a number of columns, at a space where there is one: pinentry-curses opens no window for a line that is wider
 * than the terminal.
 */
export function wrapText(text: string, columns: number): string {
  return text
    .split('\n')
    .flatMap((line) => wrapLine(line, columns))
    .join('\n')
}

function wrapLine(line: string, columns: number): string[] {
  const lines: string[] = []
  let current = ''
  let width = 0
  for (const character of line) {
    const wide = WIDE.test(character) ? 2 : 1
    if (width + wide > columns) {
      // Back to the last space, unless that would leave next to nothing.
      const space = current.lastIndexOf(' ')
      const end = space > current.length / 2 ? space : current.length
      lines.push(current.slice(0, end))
      current = current.slice(end).trimStart()
      width = widthOf(current)
    }
    current += character
    width += wide
  }
  return [...lines, current]
}

function widthOf(text: string): number {
  return Array.from(text, (character): number => (WIDE.test(character) ? 2 : 1)).reduce((sum, wide) => sum + wide, 0)
}
