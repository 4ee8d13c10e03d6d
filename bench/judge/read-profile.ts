/** What of V8’s `.cpuprofile` is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  /** Microseconds of the clock of `process.hrtime`. */
  readonly startTime: number
  readonly samples: readonly number[]
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[]
}

/** From one moment to another of the clock of the profile. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Microseconds of work, and where they went, the busiest first. */
export interface Digest {
  readonly total: number
  readonly packages: readonly Share[]
  readonly functions: readonly Share[]
}

export interface Share {
  readonly where: string
  readonly microseconds: number
}

type Frame = CpuProfile['nodes'][number]['callFrame']

/** Not work. */
const IDLE = new Set(['(idle)', '(root)', '(program)'])

/** All that was not idle, by the function’s own time and by its package. @param spans in their order; without any: all of it */
export function digestProfile({ nodes, startTime, samples, timeDeltas }: CpuProfile, spans?: readonly Span[]): Digest {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const [functions, packages] = [new Map<string, number>(), new Map<string, number>()]
  const left = [...(spans ?? [{ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }])]
  let [at, total] = [startTime, 0]
  for (const [index, id] of samples.entries()) {
    at += timeDeltas[index] ?? 0
    // a function is at work from its sample to the next one
    const took = timeDeltas[index + 1] ?? 0
    while (left[0] !== undefined && left[0].to < at) left.shift()
    const frame = frames.get(id)
    if (frame === undefined || IDLE.has(frame.functionName) || (left[0]?.from ?? Number.POSITIVE_INFINITY) > at)
      continue
    total += took
    add(functions, nameOf(frame), took)
    add(packages, packageOf(frame), took)
  }
  return { total, functions: sorted(functions), packages: sorted(packages) }
}

function add(times: Map<string, number>, where: string, took: number): void {
  times.set(where, (times.get(where) ?? 0) + took)
}

function sorted(times: Map<string, number>): readonly Share[] {
  return [...times]
    .map(([where, microseconds]) => ({ where, microseconds }))
    .toSorted((a, b) => b.microseconds - a.microseconds)
}

/** `name (file:line)`, the path shortened to what says something. */
function nameOf({ functionName, url, lineNumber }: Frame): string {
  const name = functionName === '' ? '(anonymous)' : functionName
  return url === '' ? name : `${name} (${shortened(url)}:${lineNumber + 1})`
}

/** A library, a folder of ours, a part of Node, or what V8 does itself. */
function packageOf({ functionName, url }: Frame): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'native'
  const words = shortened(url).split('/')
  return words.slice(0, /^(?:@|src$|packages$|node:internal$)/.test(words[0] ?? '') ? 2 : 1).join('/')
}

function shortened(url: string): string {
  return url
    .replace(/^file:\/\//, '')
    .replace(/^.*\/node_modules\//, '')
    .replace(/^.*\/(src|packages)\//, '$1/')
}
