import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** proc(5): `stat` counts in ticks. */
const MICROSECONDS_PER_TICK = 1_000_000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** User and system time of a process and all that descend from it, as Linux counts it (proc(5), `stat` fields 14 and 15). */
export function cpuMicrosecondsOf(pid: number): number {
  return treeOf(pid).reduce((sum, one) => sum + ticksOf(one), 0) * MICROSECONDS_PER_TICK
}

/** Resident memory of the same, in octets. */
export function memoryOf(pid: number): number {
  return treeOf(pid).reduce((sum, one) => sum + residentOf(one), 0)
}

export function treeOf(pid: number): readonly number[] {
  const text = read(`/proc/${pid}/task/${pid}/children`)
  const children = text.trim() === '' ? [] : text.trim().split(' ').map(Number)
  return [pid, ...children.flatMap(treeOf)]
}

function ticksOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`)
  // the name in parentheses may hold spaces; what follows it begins with field 3
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0)
}

function residentOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024
}

/** One that has ended meanwhile has nothing to say. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
