import type { RedisClient } from './connect-redis.ts'
import type { Incarnations } from './incarnations.ts'
import { translateRedisFault } from './redis-fault.ts'
import type { StepName } from './scripts.ts'

export type ScriptArgument = string | number
export type ScriptReply = null | number | string | readonly ScriptReply[]

/** Does one step of `scripts.ts`, behind its fence. @throws Refusal SERVER_STORAGE_UNAVAILABLE when it is not known what happened */
export type RunScript = (
  name: StepName,
  keys: readonly string[],
  args?: readonly ScriptArgument[],
  /** What time it is, where the caller decides. */
  at?: Date,
) => Promise<ScriptReply>

interface Step {
  readonly name: StepName
  readonly keys: readonly string[]
  readonly args: readonly ScriptArgument[]
  readonly atMs: number
  readonly resolve: (reply: ScriptReply) => void
  readonly reject: (fault: unknown) => void
}

type Sekisho = (...words: ScriptArgument[]) => Promise<readonly (ScriptReply | Error)[]>

const UNKNOWN_INCARNATION = 'INCARNATION '
/** So that Redis serves others in between: a step takes it about 10 µs. */
const MOST_TOGETHER = 64

/**
 * Steps that come within one turn of the event loop are one command: under load one answers many requests, and a lone request waits no longer than
 * before. They are done in the order in which they came. In a Cluster each is a command of its own, for its slot, and the stream gathers
 * them (`send-together.ts`): of many keys some may be on their way to another master.
 */
export function createRunScript({
  client,
  incarnations,
  now,
}: {
  readonly client: RedisClient
  readonly incarnations: Incarnations
  readonly now: () => Date
}): RunScript {
  const { sekisho } = client as unknown as { readonly sekisho: Sekisho }
  const most = 'nodes' in client ? 1 : MOST_TOGETHER
  let waiting: Step[] = []

  const ask = (steps: readonly Step[]) => {
    const keys: string[] = []
    const words: ScriptArgument[] = [incarnations.believed()]
    for (const step of steps) {
      keys.push(...step.keys)
      words.push(`${step.name} ${step.keys.length} ${step.args.length} ${step.atMs}`, ...step.args)
    }
    return sekisho.call(client, keys.length, ...keys, ...words)
  }
  const perform = async (steps: readonly Step[]): Promise<void> => {
    try {
      const replies = await ask(steps).catch(async (fault: unknown) => {
        // nothing was done: another server answers than before
        if (!(fault instanceof Error && fault.message.startsWith(UNKNOWN_INCARNATION))) throw fault
        await incarnations.recognise()
        return ask(steps)
      })
      for (const [place, { resolve, reject }] of steps.entries()) {
        const reply = replies[place]
        if (reply instanceof Error) reject(translateRedisFault(reply))
        else resolve(reply ?? null)
      }
    } catch (fault) {
      const translated = translateRedisFault(fault)
      for (const { reject } of steps) reject(translated)
    }
  }
  const performAll = (): void => {
    const all = waiting
    waiting = []
    for (let from = 0; from < all.length; from += most) void perform(all.slice(from, from + most))
  }

  return (name, keys, args = [], at = now()) =>
    new Promise((resolve, reject) => {
      const step = { name, keys, args, atMs: at.getTime(), resolve, reject }
      if (most === 1) {
        void perform([step])
        return
      }
      waiting.push(step)
      if (waiting.length === 1) setImmediate(performAll)
    })
}
