import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, totalmem, release } from 'node:os'
import type { Findings } from '../bench.ts'
import { judge, type Goal } from '../judge/goal.ts'
import { GOALS, type GoalId } from '../judge/goals.ts'
import { spreadOf, type Spread } from '../judge/statistics.ts'
import type { Cores } from '../process/cores.ts'

/** bench/results/DATE.json */
export interface Results {
  readonly date: string
  readonly commit: string
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGb: number; readonly kernel: string }
  readonly pinned: boolean | string
  readonly versions: Readonly<Record<string, string>>
  readonly rounds: number
  readonly roundSeconds: number
  readonly algorithm: string
  readonly measurements: readonly {
    readonly name: string
    readonly contestants: readonly {
      readonly name: string
      readonly operations: number
      readonly cpuMicroseconds: Spread
      readonly perSecond: Spread
      readonly p50Ms: Spread
      readonly p99Ms: Spread
    }[]
  }[]
  readonly facts: Findings['facts']
  readonly curves: Findings['curves']
  readonly goals: readonly Goal[]
}

export interface ResultsOptions {
  readonly findings: Findings
  readonly cores: Cores
  readonly rounds: number
  readonly roundMs: number
  readonly algorithm: string
  /** Goals that belong to this run; what is missing was not measured. */
  readonly goals: readonly GoalId[]
  readonly at: Date
}

export function gatherResults({ findings, cores, rounds, roundMs, algorithm, goals, at }: ResultsOptions): Results {
  return {
    date: at.toISOString(),
    commit:
      said('git', ['rev-parse', '--short=12', 'HEAD']) +
      (said('git', ['status', '--porcelain', 'src', 'packages']) === '' ? '' : '+'),
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 1024 ** 3),
      kernel: release(),
    },
    pinned: cores.reason ?? true,
    versions: {
      node: process.versions.node,
      sekisho: versionOf('../../package.json'),
      'oidc-provider': versionOf('../../node_modules/oidc-provider/package.json'),
      ioredis: versionOf('../../node_modules/ioredis/package.json'),
      redis: /v=(\S+)/.exec(said('redis-server', ['--version']))?.[1] ?? 'unknown',
      postgresql: /\d[\d.]*/.exec(said('psql', ['--version']))?.[0] ?? 'unknown',
    },
    rounds,
    roundSeconds: roundMs / 1000,
    algorithm,
    measurements: findings.measurements.map(({ name, contestants }) => ({
      name,
      contestants: contestants.map((measured) => ({
        name: measured.name,
        operations: measured.rounds.reduce((sum, { operations }) => sum + operations, 0),
        cpuMicroseconds: spreadOf(measured.rounds.map((round) => round.cpuMicroseconds)),
        perSecond: spreadOf(measured.rounds.map((round) => round.perSecond)),
        p50Ms: spreadOf(measured.rounds.map((round) => round.p50Ms)),
        p99Ms: spreadOf(measured.rounds.map((round) => round.p99Ms)),
      })),
    })),
    facts: findings.facts,
    curves: findings.curves,
    goals: goals.map((id) => judge(GOALS[id], findings.reached.get(id))),
  }
}

function said(command: string, args: readonly string[]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return ''
  }
}

function versionOf(file: string): string {
  const path = createRequire(import.meta.url).resolve(file)
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }).version
}
