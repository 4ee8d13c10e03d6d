import { readdir, readFile, readlink } from 'node:fs/promises'
import { request } from 'node:http'

/** Who listens where the agent would. */
export type PortHolder =
  | { readonly who: 'nobody' }
  /** The agent of this user. */
  | { readonly who: 'agent'; readonly url: string }
  /** Anything else; what the system tells of it. */
  | { readonly who: 'stranger'; readonly user?: number; readonly pid?: number; readonly program?: string }

const ANSWER_WITHIN_MS = 2_000
const MAX_ANSWER_BYTES = 64 * 1024
/** TCP_LISTEN in /proc/net/tcp. */
const LISTENING = '0A'

/**
 * Asks for the first page there, and on Linux the system whose program it is: an agent of another user is a stranger, and so is
 * whoever only looks like one to a person.
 */
export async function findPortHolder(port: number, ownUser = process.getuid?.()): Promise<PortHolder> {
  const listener = await findListener(port)
  const answer = await askFirstPage(port)
  if (answer === 'refused' && listener === undefined) return { who: 'nobody' }
  const isOwn = listener === undefined || ownUser === undefined || listener.user === ownUser
  if (isOwn && answer === 'agent') return { who: 'agent', url: `http://127.0.0.1:${String(port)}` }
  if (listener === undefined) return { who: 'stranger' }
  return { who: 'stranger', user: listener.user, ...(await findProcess(listener.inode)) }
}

function askFirstPage(port: number): Promise<'agent' | 'other' | 'refused'> {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path: '/', agent: false, timeout: ANSWER_WITHIN_MS }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (piece: string) => {
        text += piece
        if (text.length > MAX_ANSWER_BYTES) asked.destroy()
      })
      answer.on('end', () => {
        resolve(answer.statusCode === 200 && text.includes('<main data-page="home">') ? 'agent' : 'other')
      })
    })
    const limit = setTimeout(() => asked.destroy(), ANSWER_WITHIN_MS)
    asked.on('timeout', () => asked.destroy())
    asked.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'other')
    })
    asked.on('close', () => {
      clearTimeout(limit)
      resolve('other')
    })
    asked.end()
  })
}

/** proc(5): `sl local_address rem_address st … uid timeout inode`. */
async function findListener(port: number): Promise<{ user: number; inode: string } | undefined> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  for (const path of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const table = await readFile(path, 'latin1').catch(() => '')
    for (const line of table.split('\n')) {
      const columns = line.trim().split(/\s+/)
      const [, local, , state] = columns
      if (local?.endsWith(wanted) === true && state === LISTENING) {
        return { user: Number(columns[7]), inode: columns[9] ?? '' }
      }
    }
  }
  return undefined
}

/** Only processes of one's own can be looked into. */
async function findProcess(inode: string): Promise<{ pid?: number; program?: string }> {
  for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    for (const descriptor of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '')
      if (target !== `socket:[${inode}]`) continue
      const program = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
      return { pid: Number(pid), program: program.trim() }
    }
  }
  return {}
}
