import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../../test/support/free-port.ts'
import { startServer } from '../../process/start-server.ts'
import type { Contestant, OursContestant } from '../contestant.ts'

const PROGRAM = fileURLToPath(new URL('./serve-bare.ts', import.meta.url))

/** Beside one of ours, on its database and Redis and for its issuer: what has a token there has it here. */
export async function startBare(ours: OursContestant, core: number | undefined): Promise<Contestant> {
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const child = await startServer({
    name: 'the bare callback',
    command: [process.execPath, ...nodeOptionsOf(ours.pid), PROGRAM],
    env: { ...ours.environment, MALLOC_ARENA_MAX: '2', BARE_PORT: String(port) },
    core,
    ready: `${origin}/jwks`,
  })
  return {
    ...ours,
    name: 'bare callback',
    origin,
    pid: child.pid,
    readyMs: child.readyMs,
    logIn: () => Promise.reject(new Error('there are no pages here')),
    walkLogIn: () => {
      throw new Error('there are no pages here')
    },
    stop: () => child.stop(),
  }
}

/** The bare callback is sized as the server it is held against: what is asked is what stands around it. */
function nodeOptionsOf(pid: number): readonly string[] {
  const [, ...words] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  const program = words.findIndex((word) => !word.startsWith('--'))
  return words.slice(0, program)
}
