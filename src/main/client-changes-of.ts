import type { ClientChanges } from '../relying-party/cache-clients.ts'
import type { ChangeFeed } from '../storage/change-feed/change.ts'

/** Of all changes those that speak of clients. */
export function clientChangesOf(feed: ChangeFeed): ClientChanges {
  return {
    isListening: () => feed.isListening(),
    onChange: (listener) => {
      feed.onChange((change) => {
        if (change.kind === 'client') listener(change.clientId)
        if (change.kind === 'unknown') listener(undefined)
      })
    },
  }
}
