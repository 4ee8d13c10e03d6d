import { readdirSync, readFileSync, statSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createProgram } from '../../packages/agent/src/command/create-program.ts'
import { translator } from '../../packages/agent/src/text/translate.ts'
import { AGENT_STATES } from '../support/agent-states.ts'
import { PROVIDER_STATES } from '../support/provider-agent-states.ts'

const docs = new URL('../../docs/', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, docs), 'utf8')
const STATES = [...AGENT_STATES, ...PROVIDER_STATES].map(({ name }) => name).toSorted()

describe.each([
  ['agent.md', 'en'],
  ['agent.ja.md', 'ja'],
])('docs/%s', (page, locale) => {
  test('shows every state that there is in the code once, and no other', () => {
    const pictures = [...read(page).matchAll(/!\[[^\]]+\]\(agent\/([a-z-]+)-(ja|en)\.webp\)/g)]
    expect(pictures.map(([, name]) => name).toSorted()).toEqual(STATES)
    expect(new Set(pictures.map(([, , language]) => language))).toEqual(new Set([locale]))
  })

  test('names every command', () => {
    const none = () => Promise.reject(new Error('not called'))
    const actions = { serve: none, signIn: none, card: none, trustAdd: none, trustList: none, trustRemove: none }
    const launch = { doctor: none, wake: none, install: none, uninstall: none, status: none }
    const program = createProgram({ ...actions, ...launch }, translator('en'), () => undefined)
    const section = read(page)
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .join('\n')
    for (const command of program.commands)
      expect(section).toMatch(new RegExp(`\`(sekisho-agent )?${command.name()}\\b`))
  })
})

test('each state has its two pictures, small, and nothing else lies beside them', () => {
  const files = readdirSync(new URL('agent/', docs)).toSorted()
  const pictures = STATES.flatMap((name) => [`${name}-en.webp`, `${name}-ja.webp`])
  expect(files).toEqual([...pictures, 'texts.json'].toSorted())
  for (const file of pictures) {
    expect([file, statSync(new URL(`agent/${file}`, docs)).size < 64 * 1024]).toEqual([file, true])
  }
})

test('what each of the agent’s pages said when its picture was taken is known, in both languages', () => {
  const texts = JSON.parse(read('agent/texts.json')) as Record<string, Record<string, string>>
  expect(Object.keys(texts)).toEqual(AGENT_STATES.map(({ name }) => name).toSorted())
  for (const [name, languages] of Object.entries(texts))
    expect([name, Object.keys(languages)]).toEqual([name, ['ja', 'en']])
})
