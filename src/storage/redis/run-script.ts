import type { RedisClient } from './connect-redis.ts'
import type { Incarnations } from './incarnations.ts'
import { translateRedisFault } from './redis-fault.ts'
import type { ScriptName } from './scripts.ts'

export type ScriptArgument = string | number
export type ScriptReply = null | number | string | readonly (ScriptReply | false)[]

/** Runs one script, behind its fence. @throws Refusal SERVER_STORAGE_UNAVAILABLE when it is not known what happened */
export type RunScript = (
  name: ScriptName,
  keys: readonly string[],
  args?: readonly ScriptArgument[],
  /** What time it is, where the caller decides. */
  at?: Date,
) => Promise<ScriptReply>

const UNKNOWN_INCARNATION = 'INCARNATION '
/** Scripts whose number of keys differs say how many there are. */
const COUNTS_KEYS: ReadonlySet<ScriptName> = new Set(['sekishoDelete'])

export function createRunScript({
  client,
  incarnations,
  now,
}: {
  readonly client: RedisClient
  readonly incarnations: Incarnations
  readonly now: () => Date
}): RunScript {
  const commands = client as unknown as Record<ScriptName, (...args: ScriptArgument[]) => Promise<ScriptReply>>
  const run: RunScript = (name, keys, args = [], at = now()) =>
    commands[name](
      ...(COUNTS_KEYS.has(name) ? [keys.length] : []),
      ...keys,
      incarnations.believed(),
      at.getTime(),
      ...args,
    )

  return async (...call) => {
    try {
      return await run(...call).catch(async (fault: unknown) => {
        // nothing was done: another server answers than before
        if (!(fault instanceof Error && fault.message.startsWith(UNKNOWN_INCARNATION))) throw fault
        await incarnations.recognise()
        return run(...call)
      })
    } catch (fault) {
      throw translateRedisFault(fault)
    }
  }
}
