import { defineConfig } from 'vitest/config'
import ClosingLineReporter from './scripts/testing/closing-line-reporter.ts'
import { LAYERS, type LayerName } from './scripts/testing/layers.ts'

const SECOND = 1000

/** What differs between the layers. Groups run one after the other; within a group at most two files at a time. */
const SHAPE: Record<LayerName, { group: number; workers: number; testTimeoutMs: number; hookTimeoutMs: number }> = {
  unit: { group: 0, workers: 2, testTimeoutMs: 5 * SECOND, hookTimeoutMs: 5 * SECOND },
  property: { group: 0, workers: 2, testTimeoutMs: 60 * SECOND, hookTimeoutMs: 30 * SECOND },
  house: { group: 0, workers: 2, testTimeoutMs: 60 * SECOND, hookTimeoutMs: 60 * SECOND },
  packages: { group: 0, workers: 2, testTimeoutMs: 60 * SECOND, hookTimeoutMs: 60 * SECOND },
  contract: { group: 1, workers: 2, testTimeoutMs: 60 * SECOND, hookTimeoutMs: 120 * SECOND },
  integration: { group: 1, workers: 2, testTimeoutMs: 60 * SECOND, hookTimeoutMs: 120 * SECOND },
  conformance: { group: 1, workers: 2, testTimeoutMs: 60 * SECOND, hookTimeoutMs: 120 * SECOND },
  // a browser, a database and a PC/SC service at once: one file at a time on two cores
  e2e: { group: 2, workers: 1, testTimeoutMs: 180 * SECOND, hookTimeoutMs: 180 * SECOND },
}

export default defineConfig({
  test: {
    reporters: ['default', new ClosingLineReporter()],
    // a leaked socket or child must not hold up the closing line for long
    teardownTimeout: 10 * SECOND,
    // only what is slow even for a browser gets a line of its own
    slowTestThreshold: 10 * SECOND,
    projects: LAYERS.map(({ name, include }) => {
      const { group, workers, testTimeoutMs, hookTimeoutMs } = SHAPE[name]
      return {
        test: {
          name,
          include: [...include],
          exclude: ['**/node_modules/**'],
          environment: 'node',
          // processes, not threads: a crash in native code or a changed environment stays in its file
          pool: 'forks' as const,
          maxWorkers: workers,
          sequence: { groupOrder: group },
          testTimeout: testTimeoutMs,
          hookTimeout: hookTimeoutMs,
          retry: 0,
          restoreMocks: true,
          unstubEnvs: true,
          unstubGlobals: true,
          // a test without an assertion cannot fail; a property may also answer with a boolean
          expect: { requireAssertions: name !== 'property' },
          setupFiles: name === 'unit' ? ['test/support/block-network.ts'] : [],
        },
      }
    }),
  },
})
