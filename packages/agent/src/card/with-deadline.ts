/**
 * Settles like `work`, or rejects with `failure()` after `ms` milliseconds. The work itself is not stopped: whoever starts it
 * must bear that it settles later.
 */
export async function withDeadline<T>(work: Promise<T>, ms: number, failure: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(failure())
    }, ms)
  })
  // A rejection after the deadline has a handler through the race; nothing is left unhandled.
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}
