import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { CHANNEL } from './change-feed/change.ts'
import { lockDataDirectory } from './lock-data-directory.ts'
import { prepareDataDirectory } from './prepare-data-directory.ts'

/** Where libpq, and so pg, looks for a Unix socket in a directory: this name, with the default port. */
const SOCKET_NAME = '.s.PGSQL.5432'
/** sun_path of sockaddr_un holds 108 bytes on Linux, 104 on macOS, the last one NUL. */
const MAX_SOCKET_PATH_BYTES = 103
/** The pool's one connection, and a second while the pool replaces a broken one. */
const MAX_CONNECTIONS = 4

export interface EmbeddedServer {
  /** The directory of the socket, as `host` of a pg connection. */
  readonly socketDirectory: string
  close(): Promise<void>
}

/**
 * PostgreSQL compiled to WebAssembly, in this process, its files in `<dataDirectory>/postgres`, reached through a Unix socket
 * that only this user can open. The first start creates the cluster (a few seconds).
 *
 * @throws DataDirectoryInUse
 */
export async function openEmbeddedServer(dataDirectory: string): Promise<EmbeddedServer> {
  prepareDataDirectory(dataDirectory)
  const unlock = lockDataDirectory(dataDirectory)
  try {
    const socketDirectory = chooseSocketDirectory(dataDirectory)
    const socketPath = join(socketDirectory, SOCKET_NAME)
    // left over by a process that was killed; ours alone, now that the directory is locked
    rmSync(socketPath, { force: true })
    const postgres = await PGlite.create(join(dataDirectory, 'postgres'))
    // its one session hears its own changes (change-feed.ts)
    await postgres.exec(`LISTEN ${CHANNEL}`)
    const server = new PGLiteSocketServer({ db: postgres, path: socketPath, maxConnections: MAX_CONNECTIONS })
    await server.start().catch(async (fault: unknown) => {
      await postgres.close()
      throw fault
    })
    return {
      socketDirectory,
      async close() {
        await server.stop()
        await postgres.close()
        if (socketDirectory !== dataDirectory) rmSync(socketDirectory, { recursive: true, force: true })
        unlock()
      },
    }
  } catch (fault) {
    unlock()
    throw fault
  }
}

/** Inside the data directory; when its path is too long for a socket, in a private directory of its own. */
function chooseSocketDirectory(dataDirectory: string): string {
  if (Buffer.byteLength(join(dataDirectory, SOCKET_NAME)) <= MAX_SOCKET_PATH_BYTES) {
    return dataDirectory
  }
  // mkdtemp makes it 0700
  return mkdtempSync(join(tmpdir(), 'sekisho-'))
}
