import { randomUUID } from 'node:crypto'
import { lstat, mkdir, open, readFile, readlink, realpath, rename, rm, rmdir, stat, symlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { MARK } from './mark.ts'

/** One thing that `install` makes: a file of its own, a link, or a line in a file that belongs to the person. */
export type LaunchPart = { readonly path: string; readonly wanted: boolean } & (
  | { readonly kind: 'file'; readonly content: Buffer; readonly mode: number }
  | { readonly kind: 'link'; readonly target: string }
  | {
      readonly kind: 'line'
      /** The line with its heading, for people. */
      readonly shown: string
      isThere(text: string): boolean
      /** @returns undefined when something else stands where the line would */
      add(text: string): string | undefined
      remove(text: string): string
    }
)

/** How a part stands on the disk. `stranger`: something that is not ours, which is never touched. */
export type PartState = 'missing' | 'current' | 'outdated' | 'stranger'

/** Larger than anything of ours, or a person's list of applications. */
const MAX_BYTES = 1024 * 1024

export async function judgePart(part: LaunchPart): Promise<PartState> {
  const found = await lstat(part.path).catch(ignoreMissing)
  if (found === undefined) return 'missing'
  switch (part.kind) {
    case 'link':
      return found.isSymbolicLink() && (await readlink(part.path)) === part.target ? 'current' : 'stranger'
    case 'line': {
      // Many people keep their settings elsewhere and link to them: that is followed.
      const text = await readSmall(part.path)
      if (text === undefined) return 'stranger'
      if (part.isThere(text.toString())) return 'current'
      return part.add(text.toString()) === undefined ? 'stranger' : 'missing'
    }
    case 'file': {
      if (!found.isFile()) return 'stranger'
      const content = await readSmall(part.path)
      if (content === undefined || !isMarked(content)) return 'stranger'
      return content.equals(part.content) && (found.mode & 0o777) === part.mode ? 'current' : 'outdated'
    }
  }
}

export async function writePart(part: LaunchPart): Promise<void> {
  await mkdir(dirname(part.path), { recursive: true })
  switch (part.kind) {
    case 'link':
      await symlink(part.target, part.path)
      return
    case 'line': {
      const text = (await readFile(part.path, 'utf8').catch(ignoreMissing)) ?? ''
      await replace(part.path, Buffer.from(part.add(text) ?? text), await modeOf(part.path))
      return
    }
    case 'file':
      await replace(part.path, part.content, part.mode)
  }
}

/** Ours alone; what else stands in the file stays, and a folder stays unless it is empty now. */
export async function removePart(part: LaunchPart): Promise<void> {
  if (part.kind === 'line') {
    const rest = part.remove(await readFile(part.path, 'utf8'))
    if (rest !== '') {
      await replace(part.path, Buffer.from(rest), await modeOf(part.path))
      return
    }
  }
  await rm(part.path)
  await rmdir(dirname(part.path)).catch(() => undefined)
}

/** Beside it, then renamed: a crash leaves the old or the new. A link is followed, so that it stays one. */
async function replace(path: string, content: Buffer, mode: number): Promise<void> {
  const target = await realpath(path).catch(() => path)
  const temporary = `${target}.${randomUUID()}`
  const handle = await open(temporary, 'wx', mode)
  try {
    await handle.writeFile(content)
    await handle.chmod(mode)
    await handle.sync()
    await handle.close()
    await rename(temporary, target)
  } catch (error) {
    await handle.close().catch(() => undefined)
    await rm(temporary, { force: true })
    throw error
  }
}

/** As the person has it. */
async function modeOf(path: string): Promise<number> {
  const found = await stat(path).catch(ignoreMissing)
  return (found?.mode ?? 0o644) & 0o777
}

function isMarked(content: Buffer): boolean {
  return content.includes(MARK) || content.includes(Buffer.from(MARK, 'utf16le'))
}

async function readSmall(path: string): Promise<Buffer | undefined> {
  const content = await readFile(path).catch(() => undefined)
  return content === undefined || content.length > MAX_BYTES ? undefined : content
}

function ignoreMissing(error: unknown): undefined {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
}
