import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { GOALS } from '../judge/goals.ts'
import { drawBars, type BarChart } from './draw-bars.ts'
import { drawLines } from './draw-lines.ts'
import { costsOf, toReckoningTable } from './reckon.ts'
import type { Results } from './results.ts'
import { replaceBetween, toMarkdown } from './write-markdown.ts'

const DIRECTORY = fileURLToPath(new URL('../results/', import.meta.url))
const PAGE = fileURLToPath(new URL('../../PERFORMANCE.md', import.meta.url))

/** Which place of PERFORMANCE.md a run fills; a quick one fills none. */
export type Place = 'bench' | 'scale' | 'soak'

/** @returns the files that were written */
export function writeResults(results: Results, place: Place, isQuick: boolean): readonly string[] {
  mkdirSync(DIRECTORY, { recursive: true })
  const day = results.date.slice(0, 10)
  const name = `${day}${place === 'bench' ? '' : `-${place}`}${isQuick ? '-quick' : ''}.json`
  const written: string[] = []
  const write = (file: string, text: string): void => {
    writeFileSync(file, text)
    written.push(file)
  }
  write(`${DIRECTORY}${name}`, `${JSON.stringify(results, undefined, 2)}\n`)
  if (isQuick) return written
  const plots = drawAll(results, place)
  for (const { file, svg } of plots) write(`${DIRECTORY}${file}`, svg)
  let page = replaceBetween(readFileSync(PAGE, 'utf8'), place, toMarkdown(results, plots))
  const costs = costsOf(results)
  if (costs !== undefined) page = replaceBetween(page, 'arithmetic', toReckoningTable(costs))
  write(PAGE, page)
  return written
}

/** What the newest soak that was written down found of the growth over 10⁵ log-ins, in MB. */
export function lastSoak(): number | undefined {
  if (!existsSync(DIRECTORY)) return undefined
  const file = readdirSync(DIRECTORY)
    .filter((name) => name.endsWith('-soak.json'))
    .toSorted()
    .at(-1)
  if (file === undefined) return undefined
  const { goals } = JSON.parse(readFileSync(`${DIRECTORY}${file}`, 'utf8')) as Pick<Results, 'goals'>
  return goals.find(({ name }) => name === GOALS.rssGrowth.name)?.value ?? undefined
}

function drawAll(results: Results, place: Place): { file: string; says: string; svg: string }[] {
  const { measurements, curves } = results
  const groups = (figure: 'cpuMicroseconds' | 'perSecond' | 'p50Ms' | 'p99Ms'): BarChart['groups'] =>
    measurements.map(({ name, contestants }) => ({
      label: name,
      bars: contestants.map((one) => ({ label: one.name, ...one[figure] })),
    }))
  const bars =
    measurements.length === 0
      ? []
      : ([
          [
            'cpu',
            {
              title: 'CPU time of the server for one operation',
              unit: 'µs',
              better: 'less',
              groups: groups('cpuMicroseconds'),
            },
          ],
          [
            'throughput',
            { title: 'Operations a second on one core', unit: 'a second', better: 'more', groups: groups('perSecond') },
          ],
          [
            'latency',
            { title: 'Latency: the slowest of a hundred', unit: 'ms, p99', better: 'less', groups: groups('p99Ms') },
          ],
        ] as const satisfies readonly (readonly [string, BarChart])[])
  return [
    ...bars.map(([name, chart]) => ({
      file: `${place}-${name}.svg`,
      says: `${chart.title}; the figures are in the table`,
      svg: drawBars(chart),
    })),
    ...curves.map((chart, index) => ({
      file: `${place}-curve-${index + 1}.svg`,
      says: `${chart.title}; the figures are in the table`,
      svg: drawLines(chart),
    })),
  ]
}
