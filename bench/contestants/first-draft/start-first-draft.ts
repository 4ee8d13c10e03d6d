import { fileURLToPath } from 'node:url'
import { freePort } from '../../../test/support/free-port.ts'
import type { Connection } from '../../load/http-connection.ts'
import type { Card } from '../../load/issue-cards.ts'
import { finish, walkAtFirstDraft, type LogInWalk } from '../../load/log-in.ts'
import { startServer } from '../../process/start-server.ts'
import { SECRET } from '../../scene.ts'
import type { Contestant } from '../contestant.ts'

const PROGRAM = fileURLToPath(new URL('./serve-first-draft.ts', import.meta.url))

export interface StartFirstDraftOptions {
  readonly redisPort: number
  readonly jwksFile: string
  /** Directory of the CAs whose cards log in. */
  readonly anchors: string
  readonly ocspUrl: string
  readonly core: number | undefined
}

/** With RS256, which is what oidc-provider signs with when nothing is said. */
export async function startFirstDraft(options: StartFirstDraftOptions): Promise<Contestant> {
  const { redisPort, jwksFile, anchors, ocspUrl, core } = options
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const child = await startServer({
    name: 'the first draft',
    command: [process.execPath, PROGRAM],
    env: {
      NODE_ENV: 'production',
      PORT: String(port),
      REDIS_PORT: String(redisPort),
      JWKS_FILE: jwksFile,
      ANCHORS: anchors,
      OCSP_URL: ocspUrl,
    },
    core,
    ready: `${origin}/.well-known/openid-configuration`,
  })
  const walkLogIn = (connection: Connection, card: Card): LogInWalk =>
    walkAtFirstDraft({ connection, origin, secret: SECRET, card })
  return {
    name: 'first draft',
    origin,
    pid: child.pid,
    readyMs: child.readyMs,
    siteSecret: SECRET,
    apiSecret: SECRET,
    walkLogIn,
    logIn: (connection, card) => finish(walkLogIn(connection, card)),
    stop: () => child.stop(),
  }
}
