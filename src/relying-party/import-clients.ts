import { z } from 'zod'
import type { ChangedClient, ClientAdministration, UnverifiedFields } from './client-administration.ts'
import { ClientRefused } from './client-refused.ts'

/** So many at once; more is a second import. */
export const MAX_IMPORTED = 200

export interface ImportFault {
  /** Dotted, as in a registration; empty for the line as a whole. */
  readonly field: string
  readonly message: string
  /** Of zod, where it is one of its own rules. */
  readonly code?: string
}

/** One line of an import that may become a client. */
export interface ImportedLine {
  /** From 1, as an editor counts. */
  readonly number: number
  /** With its id, also where one was drawn for it here. */
  readonly fields: UnverifiedFields
  readonly faults: readonly ImportFault[]
}

/**
 * Reads JSON lines, each a registration as `sekisho client add --file` takes it. Nothing is changed.
 *
 * @param drawId for a line without `clientId`: the same import, sent twice, must not make clients twice
 * @returns every line, and what is wrong with it: by itself, with those before it, or with what is registered already
 */
export async function readImport(
  text: string,
  {
    clients,
    drawId,
  }: { readonly clients: Pick<ClientAdministration, 'verify' | 'show'>; readonly drawId: () => string },
): Promise<readonly ImportedLine[]> {
  const ids = new Set<unknown>()
  const apis = new Set<unknown>()
  const lines: ImportedLine[] = []
  const written = text.split(/\r?\n/).map((content, at) => ({ content, number: at + 1 }))
  for (const { content, number } of written.filter((line) => line.content.trim() !== '')) {
    const parsed = parseObject(content)
    if (parsed === undefined || lines.length >= MAX_IMPORTED) {
      const message =
        parsed === undefined ? 'must be a JSON object on one line' : `is more than ${MAX_IMPORTED} clients`
      lines.push({ number, fields: parsed ?? {}, faults: [{ field: '', message }] })
      if (parsed === undefined) continue
      break
    }
    const fields = { ...parsed, clientId: parsed['clientId'] ?? drawId() }
    const api = (parsed['resourceServer'] as { readonly resource?: unknown } | undefined)?.resource
    lines.push({
      number,
      fields,
      faults: [
        ...faultsOf(fields, clients),
        ...(ids.has(fields.clientId) ? [{ field: 'clientId', message: 'stands on an earlier line too' }] : []),
        ...(api !== undefined && apis.has(api)
          ? [{ field: 'resourceServer.resource', message: 'is the API of another client' }]
          : []),
        ...((await isTaken(fields.clientId, clients))
          ? [{ field: 'clientId', message: 'is the id of another client' }]
          : []),
      ],
    })
    ids.add(fields.clientId)
    apis.add(api)
  }
  return lines
}

/** Registers all of them; to be called in one transaction, which ends with the first that is refused. @throws as `add` does */
export async function importClients(
  lines: readonly ImportedLine[],
  clients: Pick<ClientAdministration, 'add'>,
): Promise<readonly ChangedClient[]> {
  const added: ChangedClient[] = []
  for (const { fields } of lines) added.push(await clients.add(fields))
  return added
}

function parseObject(content: string): UnverifiedFields | undefined {
  try {
    return z.record(z.string(), z.unknown()).safeParse(JSON.parse(content)).data
  } catch {
    return undefined
  }
}

function faultsOf(fields: UnverifiedFields, clients: Pick<ClientAdministration, 'verify'>): ImportFault[] {
  try {
    clients.verify(fields)
    return []
  } catch (fault) {
    if (!(fault instanceof z.ZodError)) throw fault
    return fault.issues.map(({ path, message, code }) => ({
      field: path.join('.'),
      message,
      ...(code === 'custom' ? {} : { code }),
    }))
  }
}

async function isTaken(clientId: unknown, clients: Pick<ClientAdministration, 'show'>): Promise<boolean> {
  if (typeof clientId !== 'string') return false
  try {
    await clients.show(clientId)
    return true
  } catch (fault) {
    if (fault instanceof ClientRefused && fault.code === 'CLIENT_UNKNOWN') return false
    throw fault
  }
}
