/** A scrape must not wait for what hangs, nor may somebody who scrapes too often keep the database busy. */
const DEADLINE_MS = 1_000
const FRESH_MS = 2_000

/** Reads at most once in two seconds, and says nothing when reading fails or takes longer than one. */
export function keepFresh<Reading>(
  read: () => readonly Reading[] | Promise<readonly Reading[]>,
  now: () => number = () => performance.now(),
): () => Promise<readonly Reading[]> {
  let kept: { readonly at: number; readonly readings: Promise<readonly Reading[]> } | undefined
  return () => {
    if (kept === undefined || now() - kept.at >= FRESH_MS) kept = { at: now(), readings: readInTime(read) }
    return kept.readings
  }
}

async function readInTime<Reading>(
  read: () => readonly Reading[] | Promise<readonly Reading[]>,
): Promise<readonly Reading[]> {
  const { promise: late, resolve } = Promise.withResolvers<readonly Reading[]>()
  const timer = setTimeout(resolve, DEADLINE_MS, [])
  try {
    return await Promise.race([Promise.resolve().then(read), late])
  } catch {
    return []
  } finally {
    clearTimeout(timer)
  }
}
