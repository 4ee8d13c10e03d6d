import { z } from 'zod'

/** What a worker tells the process that started it, over the channel between them. */
const workerMessage = z.discriminatedUnion('sekisho', [
  /** It takes requests from now on. */
  z.object({ sekisho: z.literal('ready') }),
  /** Its metrics, as prom-client exchanges them; `id` is that of the question. */
  z.object({ sekisho: z.literal('metrics'), id: z.number(), metrics: z.array(z.unknown()) }),
])
export type WorkerMessage = z.infer<typeof workerMessage>

export function parseWorkerMessage(message: unknown): WorkerMessage | undefined {
  return workerMessage.safeParse(message).data
}

/** The only thing that a worker is asked; that it should stop is told by a signal. */
const primaryMessage = z.object({ sekisho: z.literal('metrics?'), id: z.number() })
export type PrimaryMessage = z.infer<typeof primaryMessage>

export function parsePrimaryMessage(message: unknown): PrimaryMessage | undefined {
  return primaryMessage.safeParse(message).data
}
