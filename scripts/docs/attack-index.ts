import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** Which test files try which attack of docs/threat-model.md: number → paths from the repository's root, sorted. */
export type AttackIndex = ReadonlyMap<number, readonly string[]>

/** `attack 26: …`, `attacks 12, 13 and 22: …`, `attacks 31–36: …` as a test's title has it. */
const QUOTED = /\battacks? (\d+(?:(?:, | and |–)\d+)*):/g

/** @param files test files by their path from the repository's root, below `root` */
export function indexAttacks(root: string, files: readonly string[]): AttackIndex {
  const index = new Map<number, string[]>()
  for (const file of files.toSorted()) {
    const source = readFileSync(join(root, file), 'utf8')
    const numbers = new Set([...source.matchAll(QUOTED)].flatMap(([, list]) => expand(list ?? '')))
    for (const number of numbers) index.set(number, [...(index.get(number) ?? []), file])
  }
  return index
}

/** `12, 13 and 22` → 12, 13, 22; `31–33` → 31, 32, 33 */
function expand(list: string): number[] {
  return list.split(/, | and /).flatMap((part) => {
    const [first = 0, last = first] = part.split('–').map(Number)
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, offset) => first + offset)
  })
}

const ROW = /^\| (\d+) \| (.*) \| ([^|]*) \|$/

/**
 * The page with the last column of its table of attacks written anew.
 *
 * @throws RangeError when a test quotes an attack that the table does not have
 */
export function writeTestColumn(markdown: string, index: AttackIndex): string {
  const known = new Set<number>()
  const lines = markdown.split('\n').map((line) => {
    const [, number, middle] = ROW.exec(line) ?? []
    if (number === undefined || middle === undefined) return line
    known.add(Number(number))
    return `| ${number} | ${middle} | ${linkFiles(index.get(Number(number)) ?? [])} |`
  })
  const strangers = [...index.keys()].filter((number) => !known.has(number))
  if (strangers.length > 0) throw new RangeError(`no such attack: ${strangers.join(', ')}`)
  return lines.join('\n')
}

function linkFiles(files: readonly string[]): string {
  if (files.length === 0) return '—'
  return files.map((file) => `[${nameOf(file)}](../${file})`).join(' · ')
}

/** `test/unit/sign-in/sign-in.test.ts` → `unit sign-in`; `packages/agent/test/pin.test.ts` → `agent pin` */
function nameOf(file: string): string {
  const [top, second = ''] = file.split('/')
  const group = top === 'test' || top === 'packages' || top === 'examples' ? second : top
  return `${group ?? ''} ${basename(file, '.test.ts')}`
}
