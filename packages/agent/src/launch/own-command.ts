import { isSea } from 'node:sea'

/** How this very program is started again: the single executable, or Node with the file it was given. Absolute. */
export function ownCommand({ execPath, argv }: { execPath: string; argv: readonly string[] }): readonly string[] {
  const [, script] = argv
  return isSea() || script === undefined ? [execPath] : [execPath, script]
}
