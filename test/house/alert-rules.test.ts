import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { createTempDirectory } from '../support/temp-directory.ts'

/** Prometheus' own judge of the alert rules; that they name metrics which exist, test/integration/observability.test.ts says. */
const DIRECTORY = fileURLToPath(new URL('../../deploy/observability/', import.meta.url))
const read = (name: string): string => readFileSync(join(DIRECTORY, name), 'utf8')

const promtool = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8', timeout: 30_000 })
  return { status, said: `${stdout}${stderr}` }
}

test('Prometheus takes the rules', () => {
  expect(promtool('check', 'rules', join(DIRECTORY, 'alerts.yml'))).toMatchObject({ status: 0 })
})

test('each alert is raised by what it is for, and by nothing less', () => {
  const { status, said } = promtool('test', 'rules', join(DIRECTORY, 'alerts.test.yml'))
  expect([status, said]).toEqual([0, expect.stringContaining('SUCCESS')])

  const rules = parse(read('alerts.yml')) as { groups: { rules: { alert: string }[] }[] }
  const { tests } = parse(read('alerts.test.yml')) as {
    tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[]
  }
  const told = tests.flatMap(({ alert_rule_test: ones }) => ones)
  const named = (raised: boolean): string[] =>
    told.filter(({ exp_alerts: alerts }) => alerts.length > 0 === raised).map(({ alertname }) => alertname)
  const alerts = rules.groups.flatMap(({ rules: ones }) => ones.map(({ alert }) => alert))
  expect(named(true)).toEqual(alerts)
  expect(named(false)).toEqual(alerts)
})

test.each([
  ['a threshold', '> 0.01', '> 0.5'],
  ['a time', 'for: 2m', 'for: 9m'],
  ['a name of a metric', 'sekisho_breaker_open)', 'sekisho_breakers_open)'],
])('a rule with another %s is found', async (_name, from, to) => {
  await using directory = createTempDirectory('rules')
  expect(read('alerts.yml')).toContain(from)
  await writeFile(join(directory.path, 'alerts.yml'), read('alerts.yml').replace(from, to))
  await writeFile(join(directory.path, 'alerts.test.yml'), read('alerts.test.yml'))
  expect(promtool('test', 'rules', join(directory.path, 'alerts.test.yml')).status).not.toBe(0)
})
