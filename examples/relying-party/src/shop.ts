import type { Connect } from './connect.ts'
import type { Sessions } from './sessions.ts'
import type { Users } from './users.ts'

export interface ShopOptions {
  /** The Sekisho provider, `https://id.example.jp`. */
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Where this shop is reached, without a trailing slash. */
  readonly baseUrl: string
  /** An API that keeps the orders, by the address it is registered with (`resource`). Without one there is no such page. */
  readonly api?: string | undefined
}

/** What every part of the shop works with. */
export interface Shop extends ShopOptions {
  readonly connect: Connect
  readonly sessions: Sessions
  readonly users: Users
}
