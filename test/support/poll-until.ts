import { setTimeout as pause } from 'node:timers/promises'

/**
 * Asks again and again until `probe` gives something other than `undefined` and `false`, and returns it.
 *
 * @param options.deadlineMs when to give up, default ten seconds
 * @param options.intervalMs pause between two questions, default 25 ms
 * @param options.complaint what to say then; a function sees the latest state
 * @throws Error with the complaint at the deadline; whatever `probe` throws at once
 */
export async function pollUntil<T>(
  probe: () => T | Promise<T>,
  options: { deadlineMs?: number; intervalMs?: number; complaint?: string | (() => string) } = {},
): Promise<Exclude<T, undefined | false>> {
  const { deadlineMs = 10_000, intervalMs = 25, complaint = 'what was waited for did not happen' } = options
  const deadline = performance.now() + deadlineMs
  for (;;) {
    const found = await probe()
    if (found !== undefined && found !== false) return found as Exclude<T, undefined | false>
    if (performance.now() > deadline) throw new Error(typeof complaint === 'string' ? complaint : complaint())
    await pause(intervalMs)
  }
}
