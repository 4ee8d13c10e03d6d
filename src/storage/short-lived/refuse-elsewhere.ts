import type { Refusal } from '../../error-registry/refusal.ts'

/**
 * The same store, that does nothing while `refusal` says that this server is at the wrong place.
 *
 * @param store an object of functions that answer by promises
 */
export function refuseElsewhere<Store extends object>(store: Store, refusal: () => Refusal | undefined): Store {
  const guarded = Object.entries(store as Record<string, (...args: unknown[]) => unknown>).map(([name, method]) => [
    name,
    (...args: unknown[]) => {
      const refused = refusal()
      return refused === undefined ? method(...args) : Promise.reject(refused)
    },
  ])
  return Object.fromEntries(guarded) as Store
}
