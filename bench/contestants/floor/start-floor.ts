import { fileURLToPath } from 'node:url'
import { freePort } from '../../../test/support/free-port.ts'
import { startServer } from '../../process/start-server.ts'
import type { Contestant } from '../contestant.ts'

const PROGRAM = fileURLToPath(new URL('./serve-floor.ts', import.meta.url))

/** Nobody can be faster who reads as much: it knows the tokens of stock. */
export async function startFloor(
  stock: Contestant,
  { redisPort, core }: { readonly redisPort: number; readonly core: number | undefined },
): Promise<Contestant> {
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const child = await startServer({
    name: 'the raw floor',
    command: [process.execPath, PROGRAM],
    env: { NODE_ENV: 'production', PORT: String(port), REDIS_PORT: String(redisPort) },
    core,
    ready: `${origin}/`,
  })
  return { ...stock, name: 'raw node:http reads', origin, pid: child.pid, stop: () => child.stop() }
}
