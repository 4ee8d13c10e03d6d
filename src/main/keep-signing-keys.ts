import type { Log } from '../observability/log.ts'
import type { KeyRotation } from '../signing-key/create-key-rotation.ts'
import type { PrivateJwks } from '../signing-key/load-signing-keys.ts'

/** The schedule counts in days; and this is how long a change takes to be seen when nobody tells of it. */
const EVERY_MS = 60_000

export interface KeepSigningKeysDependencies {
  readonly rotation: Pick<KeyRotation, 'runSchedule'>
  readonly load: () => Promise<PrivateJwks>
  /** What `load` said before the server began. */
  readonly loaded: PrivateJwks
  /** Puts other keys to use, for every request that comes from now on. */
  readonly exchange: (keys: PrivateJwks) => void
  readonly onChange: (listener: () => void) => void
  readonly log: Pick<Log, 'info' | 'error'>
}

/**
 * Lets the schedule do what is due, and follows what any process did to the keys. Whatever fails is logged and tried again; until
 * then the keys stand as they were.
 */
export function keepSigningKeys(deps: KeepSigningKeysDependencies): { stop(): Promise<void> } {
  const { rotation, load, exchange, onChange, log } = deps
  let standing = namesOf(deps.loaded)
  let stopped = false
  let underWay: Promise<void> = Promise.resolve()

  const follow = async (): Promise<void> => {
    const keys = await load()
    if (namesOf(keys) === standing) return
    exchange(keys)
    standing = namesOf(keys)
    log.info({ kids: keys.keys.map(({ kid }) => kid) }, 'other signing keys are in use')
  }
  const runSchedule = async (): Promise<void> => {
    try {
      for (const move of await rotation.runSchedule()) log.info(move, 'a signing key moved on')
    } finally {
      // what others did is followed all the same
      await follow()
    }
  }
  const then = (work: () => Promise<void>): void => {
    underWay = underWay
      .then(() => (stopped ? undefined : work()))
      .catch((fault: unknown) => {
        log.error({ err: fault }, 'the signing keys could not be looked after')
      })
  }

  then(runSchedule)
  onChange(() => {
    then(follow)
  })
  const timer = setInterval(then, EVERY_MS, runSchedule)
  timer.unref()
  return {
    stop: async () => {
      stopped = true
      clearInterval(timer)
      await underWay
    },
  }
}

/** In the order of their use: the first of an algorithm signs. */
function namesOf({ keys }: PrivateJwks): string {
  return keys.map(({ kid }) => kid).join(' ')
}
