/** What a run came to. `reasons` name everything that counts as failed without being a failed test. */
export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly reasons: readonly string[]
}

export const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0, reasons: [] }

export function addTallies(first: Tally, second: Tally): Tally {
  return {
    passed: first.passed + second.passed,
    failed: first.failed + second.failed,
    skipped: first.skipped + second.skipped,
    reasons: [...first.reasons, ...second.reasons],
  }
}

/** One failure that is not a test's own. */
export function failure(reason: string): Tally {
  return { ...NOTHING, failed: 1, reasons: [reason] }
}

/** Something that did not run: a skip for a developer, a failure for CI, named in both. */
export function skip(reason: string, ci: boolean): Tally {
  return ci ? failure(reason) : { ...NOTHING, skipped: 1, reasons: [reason] }
}

/** `12 passed, 0 failed`, and `, 1 skipped` only when something was. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  const line = `${String(passed)} passed, ${String(failed)} failed`
  return skipped > 0 ? `${line}, ${String(skipped)} skipped` : line
}

/** `CI=true` as every CI service sets it; `CI=false` and `CI=0` mean what they say. */
export function isCi(environment: Readonly<Record<string, string | undefined>>): boolean {
  const value = environment['CI']?.toLowerCase() ?? ''
  return value !== '' && value !== 'false' && value !== '0'
}
