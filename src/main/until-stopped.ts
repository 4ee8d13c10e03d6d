const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * One Ctrl-C arrives several times: the terminal sends it to every process in front, and whoever started this one (npm,
 * bin/sekisho.js) passes it on. What comes within this time is the same request.
 */
const ECHO_MS = 1000

export interface StopSource {
  /** Where the signals arrive: `process`. */
  readonly signals: { on(signal: NodeJS.Signals, listener: () => void): unknown }
  /** Milliseconds that only go forward. */
  readonly now: () => number
  readonly exit: (code: number) => void
}

const THIS_PROCESS: StopSource = {
  signals: process,
  now: () => performance.now(),
  exit: (code) => process.exit(code),
}

/** Resolves with the first signal that asks this process to stop; another one, a moment later, ends it at once. */
export function untilStopped({ signals, now, exit }: StopSource = THIS_PROCESS): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let askedAt: number | undefined
    for (const signal of SIGNALS) {
      signals.on(signal, () => {
        if (askedAt === undefined) {
          askedAt = now()
          resolve(signal)
        } else if (now() - askedAt > ECHO_MS) exit(1)
      })
    }
  })
}
