import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import ClosingLineReporter from './scripts/testing/closing-line-reporter.ts'
import LayerOrder from './scripts/testing/layer-order.ts'
import { LAYERS, type LayerName } from './scripts/testing/layers.ts'

const SECOND = 1000

/** What differs between the layers. */
const LIMITS: Record<LayerName, { testTimeoutMs: number; hookTimeoutMs: number }> = {
  unit: { testTimeoutMs: 5 * SECOND, hookTimeoutMs: 5 * SECOND },
  property: { testTimeoutMs: 60 * SECOND, hookTimeoutMs: 30 * SECOND },
  house: { testTimeoutMs: 60 * SECOND, hookTimeoutMs: 60 * SECOND },
  packages: { testTimeoutMs: 60 * SECOND, hookTimeoutMs: 60 * SECOND },
  contract: { testTimeoutMs: 60 * SECOND, hookTimeoutMs: 120 * SECOND },
  integration: { testTimeoutMs: 60 * SECOND, hookTimeoutMs: 120 * SECOND },
  conformance: { testTimeoutMs: 60 * SECOND, hookTimeoutMs: 120 * SECOND },
  // a browser, a database and a PC/SC service at once
  e2e: { testTimeoutMs: 180 * SECOND, hookTimeoutMs: 180 * SECOND },
}

/** Files at a time. One more than cores: a file often waits, for a process or a database. */
const WORKERS = Math.min(4, availableParallelism() + 1)
/** A browser keeps more than one core busy by itself. */
const BROWSERS = Math.min(WORKERS, 2)

export default defineConfig({
  test: {
    reporters: ['default', new ClosingLineReporter()],
    sequence: { sequencer: LayerOrder },
    // a leaked socket or child must not hold up the closing line for long
    teardownTimeout: 10 * SECOND,
    // only what is slow even for a browser gets a line of its own
    slowTestThreshold: 10 * SECOND,
    projects: LAYERS.map(({ name, include }) => {
      const { testTimeoutMs, hookTimeoutMs } = LIMITS[name]
      return {
        test: {
          name,
          include: [...include],
          exclude: ['**/node_modules/**'],
          environment: 'node',
          // processes, not threads: a crash in native code or a changed environment stays in its file
          pool: 'forks' as const,
          // the same but for the browsers: layers that differ wait for each other
          maxWorkers: name === 'e2e' ? BROWSERS : WORKERS,
          sequence: { groupOrder: name === 'e2e' ? 1 : 0 },
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
