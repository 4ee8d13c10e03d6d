import type { VirtualJpki } from '@sekisho/virtual-jpki'
import type { ClientRegistry } from '../../../relying-party/client-registry.ts'
import type { DemoPorts } from '../demo-ports.ts'
import type { VirtualReader } from '../virtual-reader.ts'
import { servePersonaPage, type PersonaPageServer } from './serve-persona-page.ts'
import { createTestBench } from './test-bench.ts'

/** Where a port is meant for it. @throws PortTaken */
export async function openPersonaPage({
  ports,
  shopUrl,
  ...bench
}: {
  readonly ports: DemoPorts
  readonly jpki: VirtualJpki
  readonly reader: VirtualReader
  readonly clients: Pick<ClientRegistry, 'upsert'>
  readonly shopUrl: string
}): Promise<PersonaPageServer | undefined> {
  return ports.personas === undefined
    ? undefined
    : servePersonaPage(createTestBench(bench), { port: ports.personas, shopUrl })
}
