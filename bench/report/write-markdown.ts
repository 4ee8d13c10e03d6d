import { describeFactor, round, verdictOf, type Goal } from '../judge/goal.ts'
import type { Spread } from '../judge/statistics.ts'
import type { Results } from './results.ts'

/** The part of PERFORMANCE.md that a run writes. */
export function toMarkdown(
  results: Results,
  plots: readonly { readonly file: string; readonly says: string }[],
): string {
  const { goals, measurements, facts } = results
  const counted = goals.filter(({ value }) => value !== null)
  const met = counted.filter((goal) => goal.met).length
  return [
    headline(results),
    ...(goals.length === 0 ? [] : [`**${met} of ${goals.length} goals are met.**`, goalTable(goals)]),
    ...plots.map(({ file, says }) => `![${says}](bench/results/${file})`),
    ...(measurements.length === 0 ? [] : [measurementTable(measurements)]),
    ...(facts.length === 0 ? [] : [factTable(facts)]),
  ].join('\n\n')
}

function headline({ date, commit, machine, pinned, versions, rounds, roundSeconds, algorithm }: Results): string {
  const where = `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB`
  const isPinned =
    pinned === true ? 'the measured server alone on core 0, all else on core 1' : `not pinned: ${String(pinned)}`
  const made = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return (
    `Measured ${date.slice(0, 16).replace('T', ' ')} UTC at ${commit} on ${where}; ${isPinned}; ` +
    `${rounds} rounds of ${roundSeconds} s each, in turn; ID tokens ${algorithm}; ${made.join(', ')}.`
  )
}

function goalTable(goals: readonly Goal[]): string {
  const rows = goals.map(
    (goal) =>
      `| ${goal.name} | ${goal.bound === 'at most' ? '≤' : '≥'} ${goal.target} ${goal.unit} | ${round(goal.value)}${goal.value === null ? '' : ` ${goal.unit}`} | ${verdictCell(goal)} | ${describeFactor(goal.factor)} |`,
  )
  return ['| goal | asked | measured | | by |', '|---|---|---|---|---|', ...rows].join('\n')
}

function verdictCell(goal: Goal): string {
  const verdict = verdictOf(goal)
  return goal.met ? verdict : `**${verdict}**`
}

function measurementTable(measurements: Results['measurements']): string {
  const spread = ({ median, least, most }: Spread): string => `${round(median)} (${round(least)}–${round(most)})`
  const rows = measurements.flatMap(({ name, contestants }) =>
    contestants.map(
      ({ name: who, cpuMicroseconds, perSecond, p50Ms, p99Ms }) =>
        `| ${name} | ${who} | ${spread(cpuMicroseconds)} | ${spread(perSecond)} | ${spread(p50Ms)} | ${spread(p99Ms)} |`,
    ),
  )
  return ['| what | who | µs CPU each | per second | p50 ms | p99 ms |', '|---|---|---|---|---|---|', ...rows].join(
    '\n',
  )
}

function factTable(facts: Results['facts']): string {
  const rows = facts.map(({ name, value, unit }) => `| ${name} | ${round(value)} ${unit} |`)
  return ['| figure | |', '|---|---|', ...rows].join('\n')
}

/**
 * Puts text between `<!-- NAME:begin … -->` and `<!-- NAME:end -->`.
 *
 * @throws Error when the page has no such place
 */
export function replaceBetween(page: string, name: string, text: string): string {
  const begin = new RegExp(`<!-- ${name}:begin[^>]*-->`).exec(page)
  const endAt = page.indexOf(`<!-- ${name}:end -->`)
  if (begin === null || endAt < begin.index) throw new Error(`there is no place for “${name}” in the page`)
  return `${page.slice(0, begin.index + begin[0].length)}\n${text}\n${page.slice(endAt)}`
}
