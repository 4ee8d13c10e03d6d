import { randomUUID } from 'node:crypto'
import { chmod, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { TrustListFault, toTrustedProvider, type TrustList, type TrustedProvider } from './trust-list.ts'

const FORMAT = 'sekisho-agent-trust:1'
const MAX_BYTES = 256 * 1024

const fileSchema = z.strictObject({
  format: z.literal(FORMAT),
  providers: z
    .array(z.strictObject({ issuer: z.string().max(512), development: z.boolean(), added_at: z.iso.datetime() }))
    .max(1000),
})
type TrustFile = z.infer<typeof fileSchema>

export interface EditableTrustList extends TrustList {
  /** @returns false when it stood there already, just so */
  add(provider: TrustedProvider): Promise<boolean>
  /** @returns false when it did not stand there */
  remove(name: string): Promise<boolean>
}

/**
 * The list in a file of this user. Read anew on each question, so that `trust add` works while the agent runs.
 *
 * @throws TrustListFault FILE_INVALID, FILE_UNSAFE (others may write it): a damaged list is never taken for an empty one
 */
export function openTrustListFile({ path, now }: { path: string; now: () => Date }): EditableTrustList {
  const providersOf = (file: TrustFile) => file.providers.map((entry) => toTrustedProvider(entry.issuer, entry))
  return {
    async find(name) {
      return providersOf(await read(path)).find((provider) => provider.name === name)
    },
    async list() {
      return providersOf(await read(path))
    },
    async add({ name, origin, development }) {
      const file = await read(path)
      const known = providersOf(file).find((provider) => provider.name === name)
      if (known?.origin === origin && known.development === development) return false
      const others = file.providers.filter((entry) => toTrustedProvider(entry.issuer, entry).name !== name)
      const added = { issuer: origin, development, added_at: now().toISOString() }
      await write(path, { ...file, providers: [...others, added] })
      return true
    },
    async remove(name) {
      const file = await read(path)
      const rest = file.providers.filter((entry) => toTrustedProvider(entry.issuer, entry).name !== name)
      if (rest.length === file.providers.length) return false
      await write(path, { ...file, providers: rest })
      return true
    },
  }
}

async function read(path: string): Promise<TrustFile> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new TrustListFault('FILE_INVALID', path)
  })
  if (handle === undefined) return { format: FORMAT, providers: [] }
  try {
    const { mode, uid, size } = await handle.stat()
    const mine = process.getuid === undefined || uid === process.getuid()
    if (process.platform !== 'win32' && (!mine || (mode & 0o022) !== 0)) throw new TrustListFault('FILE_UNSAFE', path)
    if (size > MAX_BYTES) throw new TrustListFault('FILE_INVALID', path)
    const parsed = fileSchema.safeParse(parseJson(await handle.readFile('utf8')))
    if (!parsed.success) throw new TrustListFault('FILE_INVALID', path)
    // An entry that a person edited by hand must keep the rules too.
    for (const entry of parsed.data.providers) toTrustedProvider(entry.issuer, entry)
    return parsed.data
  } finally {
    await handle.close()
  }
}

/** Written beside it, flushed, then renamed: a crash leaves the old list or the new one. */
async function write(path: string, file: TrustFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const temporary = `${path}.${randomUUID()}`
  const handle = await open(temporary, 'wx', 0o600)
  try {
    await handle.writeFile(`${JSON.stringify(file, null, 2)}\n`)
    await handle.sync()
    await handle.close()
    await chmod(temporary, 0o600)
    await rename(temporary, path)
  } catch (error) {
    await handle.close().catch(() => undefined)
    await rm(temporary, { force: true })
    throw error
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
