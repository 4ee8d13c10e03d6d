import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { pollUntil } from './poll-until.ts'
import { createTempDirectory } from './temp-directory.ts'

const CONFIGURATION = fileURLToPath(new URL('../../deploy/proxy/nginx.conf', import.meta.url))

/** deploy/proxy/nginx.conf as it is, but for the places that a container has of its own. */
export async function startProxy(options: {
  readonly httpPort: number
  readonly httpsPort: number
  /** By the name of their service. */
  readonly instances: Readonly<Record<string, number>>
  readonly secretsDirectory: string
}): Promise<{ close(): Promise<void> }> {
  const directory = createTempDirectory('nginx')
  let configuration = readFileSync(CONFIGURATION, 'utf8')
    .replaceAll('/tmp/', `${directory.path}/`)
    .replaceAll('/run/secrets/', `${options.secretsDirectory}/`)
    .replace('listen 8080;', `listen 127.0.0.1:${options.httpPort};`)
    .replace('listen 8443 ssl', `listen 127.0.0.1:${options.httpsPort} ssl`)
  for (const [name, port] of Object.entries(options.instances)) {
    configuration = configuration.replace(`${name}:3000`, `127.0.0.1:${port}`)
  }
  const file = join(directory.path, 'nginx.conf')
  writeFileSync(file, configuration)
  const child = spawn('nginx', ['-c', file, '-e', 'stderr', '-g', 'daemon off;'], {
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exited = once(child, 'exit')
  const said = text(child.stderr)
  await pollUntil(
    async () => {
      if (child.exitCode !== null) throw new Error(`nginx ended: ${await said}`)
      return takesConnections(options.httpsPort)
    },
    { complaint: 'nginx does not listen' },
  )
  return {
    close: async () => {
      child.kill('SIGTERM')
      await exited
      await directory.remove()
    },
  }
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => {
      resolve(false)
    })
  })
}
