import { fileURLToPath } from 'node:url'
import { freePort } from '../../../test/support/free-port.ts'
import { finish, walkWithStub, type LogInWalk } from '../../load/log-in.ts'
import { startServer } from '../../process/start-server.ts'
import { SECRET } from '../../scene.ts'
import type { Connection } from '../../load/http-connection.ts'
import type { Contestant } from '../contestant.ts'
import type { SigningAlgorithm } from './create-stock-provider.ts'

const PROGRAM = fileURLToPath(new URL('./serve-stock.ts', import.meta.url))

export interface StartStockOptions {
  readonly redisPort: number
  readonly jwksFile: string
  readonly algorithm: SigningAlgorithm
  readonly core: number | undefined
}

/** Stock oidc-provider: `http.createServer(provider.callback())`, one process, the plain Redis adapter. */
export async function startStock({ redisPort, jwksFile, algorithm, core }: StartStockOptions): Promise<Contestant> {
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const child = await startServer({
    name: 'stock oidc-provider',
    command: [process.execPath, PROGRAM],
    env: {
      NODE_ENV: 'production',
      PORT: String(port),
      REDIS_PORT: String(redisPort),
      JWKS_FILE: jwksFile,
      ALGORITHM: algorithm,
    },
    core,
    ready: `${origin}/.well-known/openid-configuration`,
    intervalMs: 4,
  })
  const walkLogIn = (connection: Connection): LogInWalk => walkWithStub({ connection, origin, secret: SECRET })
  return {
    name: 'stock',
    origin,
    pid: child.pid,
    readyMs: child.readyMs,
    siteSecret: SECRET,
    apiSecret: SECRET,
    walkLogIn,
    logIn: (connection) => finish(walkLogIn(connection)),
    stop: () => child.stop(),
  }
}
