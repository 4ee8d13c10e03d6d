import { parentPort, workerData } from 'node:worker_threads'
import type { CrlLoadOrder } from './crl-load-order.ts'
import { loadCrls } from './load-crls.ts'

/** One loading, then the thread ends and its memory with it. The lists themselves change hands without a copy. */
const result = await loadCrls(workerData as CrlLoadOrder)
const buffers = new Set(result.loaded.flatMap(({ crl }) => [crl.der.buffer as ArrayBuffer, crl.slots.buffer]))
parentPort?.postMessage(result, [...buffers])
