/** Resolves with the first signal that asks this process to stop; a second one ends it at once. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
    for (const signal of signals) {
      process.once(signal, () => {
        for (const other of signals) {
          process.removeAllListeners(other)
          process.once(other, () => process.exit(1))
        }
        resolve(signal)
      })
    }
  })
}
