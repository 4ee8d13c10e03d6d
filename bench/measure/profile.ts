import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench } from '../bench.ts'
import { topLinesOf, type CpuProfile } from '../judge/read-profile.ts'
import { introspect } from '../load/ask-token-endpoints.ts'
import { openCrowd } from '../load/open-crowd.ts'
import { runLoad } from '../load/run-load.ts'

const CONNECTIONS = 16
const TOKENS = 64
const LINES = 25

/** Where our server's CPU time goes: V8's sampling profile, the busiest lines of it. */
export async function measureProfile(bench: Bench): Promise<void> {
  const cards = await bench.arena.cards()
  for (const what of ['introspection', 'log-in'] as const) {
    const directory = mkdtempSync(join(tmpdir(), 'sekisho-profile-'))
    const ours = await bench.arena.anotherOurs({ nodeArgs: ['--cpu-prof', `--cpu-prof-dir=${directory}`] })
    const crowd = openCrowd(ours, cards, CONNECTIONS)
    try {
      const tokens = await crowd.logIn(TOKENS, { offline: false })
      let turn = 0
      const operation = (worker: number): Promise<unknown> =>
        what === 'introspection'
          ? introspect(crowd.connection(worker), ours.apiSecret, tokens[turn++ % TOKENS]?.access ?? '')
          : ours.logIn(crowd.connection(worker), crowd.card(worker), { offline: true })
      const { operations } = await runLoad({
        pid: ours.pid,
        connections: CONNECTIONS,
        ms: bench.roundMs * 4,
        operation,
      })
      await crowd.close()
      await ours.stop()
      const [file] = readdirSync(directory)
      if (file === undefined) throw new Error('no profile was written')
      const profile = JSON.parse(readFileSync(join(directory, file), 'utf8')) as CpuProfile
      bench.say(`\n${what}: ${operations} times; the busiest functions by their own time`)
      for (const { share, where } of topLinesOf(profile, LINES)) {
        bench.say(`  ${(share * 100).toFixed(1).padStart(5)} %  ${where}`)
      }
    } finally {
      await crowd.close()
      await ours.stop()
      rmSync(directory, { recursive: true, force: true })
    }
  }
}
