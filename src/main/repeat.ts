/**
 * Does `work` every `everyMs`, one at a time, and goes on when it failed. The timer keeps no process alive.
 *
 * @returns `stop`, which waits for what is under way
 */
export function repeat(
  everyMs: number,
  work: () => Promise<unknown>,
  onFault: (fault: unknown) => void,
): { stop(): Promise<void> } {
  let underWay: Promise<unknown> = Promise.resolve()
  const timer = setInterval(() => {
    underWay = underWay.then(work).catch(onFault)
  }, everyMs)
  timer.unref()
  return {
    stop: async () => {
      clearInterval(timer)
      await underWay
    },
  }
}
