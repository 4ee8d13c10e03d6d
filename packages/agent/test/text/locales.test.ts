import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { AGENT_FAILURE_CODES } from '@sekisho/protocol'
import { AGENT_REFUSAL_CODES } from '../../src/ceremony/agent-refusal.ts'
import { chooseLocale } from '../../src/command/choose-locale.ts'
import { DOCTOR_CODES } from '../../src/doctor/finding.ts'
import { translator } from '../../src/text/translate.ts'

const load = async (locale: string) =>
  JSON.parse(await readFile(new URL(`../../locales/${locale}.json`, import.meta.url), 'utf8')) as Record<string, string>
const [ja, en] = await Promise.all([load('ja'), load('en')])
const holes = (text = '') => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).toSorted()

/** Codes that end a ceremony without a page of their own. */
const WITHOUT_PAGE = ['AGENT_CANCELLED', 'AGENT_TIMED_OUT']
const PROBLEMS = AGENT_FAILURE_CODES.filter((code) => !WITHOUT_PAGE.includes(code))

describe('texts', () => {
  test('the same keys in both languages, the same values in each', () => {
    expect(Object.keys(en).toSorted()).toEqual(Object.keys(ja).toSorted())
    for (const key of Object.keys(ja)) expect([key, holes(en[key])]).toEqual([key, holes(ja[key])])
  })

  test.each(PROBLEMS)('%s: what it is, what to do, what the doctor says', (code) => {
    for (const key of ['title', 'message', 'step.1']) expect(ja).toHaveProperty([`problem.${code}.${key}`])
    expect(ja).toHaveProperty([`doctor.${code}.remedy`])
  })

  test.each([...AGENT_REFUSAL_CODES])('%s: title and message', (code) => {
    for (const key of ['title', 'message']) expect(ja).toHaveProperty([`refusal.${code}.${key}`])
  })

  test.each(DOCTOR_CODES.filter((code) => !['OK', 'NOT_CHECKED', 'NEEDS_PIN'].includes(code)))(
    'doctor %s: one remedy',
    (code) => {
      expect(ja).toHaveProperty([`doctor.${code}.remedy`])
    },
  )

  test('a missing text is a fault, not an empty page', () => {
    expect(() => translator('ja')('no.such.key')).toThrow()
  })

  test('a value is put in as it is; a hole with no value stays visible', () => {
    const t = translator('en')
    expect(t('notice.wrong-pin', { tries: 2 })).toContain('2')
    expect(t('notice.wrong-pin')).toContain('{tries}')
  })
})

describe('language of the command', () => {
  test.each([
    [{ LANG: 'ja_JP.UTF-8' }, 'ja'],
    [{ LANG: 'ja' }, 'ja'],
    [{ LANG: 'C.UTF-8' }, 'en'],
    [{ LANG: 'java' }, 'en'],
    [{ LANG: 'ja_JP.UTF-8', LC_ALL: 'C' }, 'en'],
    [{ LANG: 'C', LC_MESSAGES: 'ja_JP' }, 'ja'],
    [{ LANG: 'ja_JP', LC_ALL: '' }, 'ja'],
    [{}, 'en'],
  ])('%j: %s', (env, locale) => {
    expect(chooseLocale(env)).toBe(locale)
  })
})
