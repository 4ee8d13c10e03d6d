const GROUP = '[Default Applications]'

/**
 * Names the handler of a type in a mimeapps.list (Association between MIME types and applications, "Default Application"), and
 * leaves every other line as it is.
 *
 * @returns undefined when another application was chosen for the type: that is the person's choice
 */
export function addDefault(text: string, type: string, entryName: string): string | undefined {
  const present = defaultOf(text, type)
  if (present === entryName) return text
  if (present !== undefined) return undefined
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  const at = lines.findIndex((line) => line.trim() === GROUP)
  const line = `${type}=${entryName}`
  if (at < 0) return `${[...lines, ...(lines.length > 0 ? [''] : []), GROUP, line].join('\n')}\n`
  return `${lines.toSpliced(at + 1, 0, line).join('\n')}\n`
}

/** Takes our line out again; a group that is empty then, and was ours alone, goes with it. */
export function removeDefault(text: string, type: string, entryName: string): string {
  if (defaultOf(text, type) !== entryName) return text
  const rest = linesOfGroup(text).filter(({ inGroup, key }) => !(inGroup && key === type))
  const kept = rest.map(({ line }) => line).join('\n')
  return kept.trim() === GROUP ? '' : kept
}

/** What stands for the type, or undefined. Of a list of entries the first that exists counts; we write and know lists of one. */
export function defaultOf(text: string, type: string): string | undefined {
  const found = linesOfGroup(text).find(({ inGroup, key }) => inGroup && key === type)
  return found?.line
    .slice(found.line.indexOf('=') + 1)
    .trim()
    .replace(/;$/, '')
}

function linesOfGroup(text: string): { line: string; inGroup: boolean; key: string | undefined }[] {
  let inGroup = false
  return text.split('\n').map((line) => {
    if (/^\s*\[/.test(line)) inGroup = line.trim() === GROUP
    const end = line.indexOf('=')
    return { line, inGroup, key: end > 0 ? line.slice(0, end).trim() : undefined }
  })
}
