import { writeFileSync } from 'node:fs'

/**
 * Linux: a core dump of this process then holds none of its memory (core(5), coredump_filter). A process may set that for
 * itself; other systems offer nothing of the kind to a program without native code.
 *
 * @returns whether the system agreed
 */
export function keepOutOfCoreDumps(): boolean {
  try {
    writeFileSync('/proc/self/coredump_filter', '0\n')
    return true
  } catch {
    return false
  }
}
