import { Worker } from 'node:worker_threads'
import type { CrlLoadOrder, CrlLoadResult } from './crl-load-order.ts'

/** Of the worker's heap; lists and tables lie beside it and are bounded by the order. */
const WORKER_HEAP_MB = 96

/** {@link loadCrls} on another thread, so that the one that serves requests is never held. @throws Error when the thread dies */
export function loadInWorker(order: CrlLoadOrder, signal?: AbortSignal): Promise<CrlLoadResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./crl-worker.ts', import.meta.url), {
      workerData: order,
      resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
      execArgv: [],
    })
    const stop = (): void => {
      void worker.terminate()
    }
    signal?.addEventListener('abort', stop, { once: true })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', () => {
      signal?.removeEventListener('abort', stop)
      reject(new Error('the thread that loads revocation lists ended without a result'))
    })
  })
}
