import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { describeReaders } from '../card/describe-readers.ts'
import type { CardAccess } from '../card/with-card.ts'
import { isLive } from './ceremony-states.ts'
import type { Ceremony } from './create-ceremony.ts'
import type { Scene } from './scene.ts'

export interface WatchTimes {
  /** Between two looks at the list of readers, which costs no command to a card. */
  readonly readersMs: number
  /** Between two looks at a card that another program holds: nobody tells when it lets go. */
  readonly busyMs: number
  /** After which the page is told that nothing has changed, and asks again. */
  readonly longestMs: number
}

export const WATCH_TIMES: WatchTimes = Object.freeze({ readersMs: 300, busyMs: 2_000, longestMs: 25_000 })

/** Names what a page shows; another scene, or another form for the same scene, has another name. */
export function nameScene(ceremony: Ceremony): string {
  const { notice: _notice, ...shown } = { notice: undefined, ...ceremony.lastScene() }
  return createHash('sha256')
    .update(JSON.stringify([shown, ceremony.formId()]))
    .digest('base64url')
    .slice(0, 22)
}

/**
 * Waits until the page shows something that is not so any more: a reader was plugged in, a card put there or taken away, another
 * program has let go of it, the ticket ran out. Looks at the card only when there is a reason to.
 *
 * @param seen the name of the scene that the page shows
 * @returns the scene to show instead; undefined when there was none until `longestMs`, or the page is gone
 */
export async function watchCeremony(
  { ceremony, access, seen, signal }: { ceremony: Ceremony; access: CardAccess; seen: string; signal: AbortSignal },
  times: WatchTimes,
): Promise<Scene | undefined> {
  const endsAt = performance.now() + times.longestMs
  const isOther = () => ceremony.lastScene() !== undefined && nameScene(ceremony) !== seen
  let lookedAt = performance.now()
  for (;;) {
    if (isOther()) return ceremony.lastScene()
    if (signal.aborted || performance.now() >= endsAt || !isLive(ceremony.state())) return undefined
    if (ceremony.state() === 'opened' && (await isLookDue(lookedAt))) {
      await ceremony.look()
      lookedAt = performance.now()
      if (isOther()) continue
    }
    await pause(times.readersMs, undefined, { signal }).catch(() => undefined)
  }

  async function isLookDue(since: number): Promise<boolean> {
    const scene = ceremony.lastScene()
    const isHeld = scene?.page === 'problem' && scene.code === 'READER_BUSY'
    if (ceremony.isExpired() || (isHeld && performance.now() - since >= times.busyMs)) return true
    return (await describeReaders(access)) !== ceremony.readersSeen()
  }
}
