/** For what still goes on, such as a connection that is being closed. */
const GRACE_MS = 5_000

/**
 * A PC/SC call that waits for a card, or for another program, cannot be called off. It would keep the process for as long, and
 * `process.exit()` too: Node waits there for its threads. So whatever is left after the grace ends with the process.
 */
export function endForSure(process: NodeJS.Process): void {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref()
}
