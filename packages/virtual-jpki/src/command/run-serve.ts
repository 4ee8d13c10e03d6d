import { createVirtualJpki } from '../create-virtual-jpki.ts'
import { AUTHENTICATION_PIN } from '../persona/persona-plan.ts'
import { serveVirtualJpki, type VirtualJpkiServer } from '../service/serve-virtual-jpki.ts'
import type { ControlDeps } from './ask-control.ts'

export interface ServeDeps extends ControlDeps {
  readonly now: () => Date
  /** Resolves when it is to end. */
  readonly stopped: () => Promise<unknown>
}

/** Serves on loopback until stopped. @returns exit status */
export async function runServe(
  { say, complain, now, stopped }: ServeDeps,
  { port, keys }: { readonly port: number; readonly keys?: string },
): Promise<number> {
  const ending = stopped()
  let url = ''
  const jpki = await createVirtualJpki({
    now,
    publicUrl: () => url,
    ...(keys === undefined ? {} : { cacheDirectory: keys }),
  })
  let server: VirtualJpkiServer
  try {
    server = await serveVirtualJpki(jpki, { port })
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw fault
    complain(`Port ${port} is taken by another program. Choose another: --port 0`)
    return 1
  }
  url = server.url
  say(`virtual JPKI: ${url}`)
  say(`PIN of every card: ${AUTHENTICATION_PIN}. For tests and demonstrations only.`)
  await ending
  await server.close()
  return 0
}
