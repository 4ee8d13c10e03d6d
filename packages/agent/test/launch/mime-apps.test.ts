import { describe, expect, test } from 'vitest'
import { addDefault, defaultOf, removeDefault } from '../../src/launch/mime-apps.ts'

const TYPE = 'x-scheme-handler/sekisho-agent'
const ENTRY = 'sekisho-agent-url.desktop'
const OURS = `${TYPE}=${ENTRY}`

describe('mimeapps.list', () => {
  test.each([
    ['another application chosen', `[Default Applications]\n${TYPE}=other.desktop\n`],
    ['a list that begins with another', `[Default Applications]\n${TYPE}=other.desktop;${ENTRY};\n`],
  ])('%s: not ours to change', (_what, text) => {
    expect(addDefault(text, TYPE, ENTRY)).toBeUndefined()
    expect(removeDefault(text, TYPE, ENTRY)).toBe(text)
  })

  test.each([
    ['nothing', '', `[Default Applications]\n${OURS}\n`],
    [
      'other types',
      '[Default Applications]\ntext/html=web.desktop\n',
      `[Default Applications]\n${OURS}\ntext/html=web.desktop\n`,
    ],
    [
      'only another group, which does not count',
      `[Added Associations]\n${TYPE}=other.desktop;\n`,
      `[Added Associations]\n${TYPE}=other.desktop;\n\n[Default Applications]\n${OURS}\n`,
    ],
    [
      'no newline at the end, and comments',
      '# mine\n[Default Applications]\n# html\ntext/html=web.desktop',
      `# mine\n[Default Applications]\n${OURS}\n# html\ntext/html=web.desktop\n`,
    ],
  ])('%s: our line is added; taken out again, the rest is as it was', (_what, before, after) => {
    expect(addDefault(before, TYPE, ENTRY)).toBe(after)
    expect(defaultOf(after, TYPE)).toBe(ENTRY)
    expect(addDefault(after, TYPE, ENTRY)).toBe(after)
    const removed = removeDefault(after, TYPE, ENTRY)
    expect(defaultOf(removed, TYPE)).toBeUndefined()
    for (const line of before.split('\n').filter((text) => text !== '')) expect(removed).toContain(line)
  })

  test('a list that holds nothing but our line becomes empty, and is taken away', () => {
    expect(removeDefault(`[Default Applications]\n${OURS}\n`, TYPE, ENTRY)).toBe('')
  })
})
