/** What the shop itself knows of somebody. It is the shop's own; the provider gave it nothing but `sub`. */
export interface User {
  readonly since: Date
  nickname: string
}

/** The key of a user. `sub` alone is not enough: another provider may use the same one for somebody else. */
export function userKey(claims: Readonly<Record<string, unknown>>): string {
  return JSON.stringify([claims['iss'], claims['sub']])
}

/** In memory; a real site has a table with `iss` and `sub` as its unique key. */
export function createUsers() {
  const users = new Map<string, User>()
  return {
    find: (key: string): User | undefined => users.get(key),
    /** The first sign-in makes the user; there is no form to fill in. */
    welcome(key: string): User {
      const user = users.get(key) ?? { since: new Date(), nickname: '' }
      users.set(key, user)
      return user
    },
    forget: (key: string): boolean => users.delete(key),
  }
}

export type Users = ReturnType<typeof createUsers>
