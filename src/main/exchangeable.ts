/** Something that is replaced while the server runs. */
export interface Exchangeable<Thing extends object> {
  exchange(next: Thing): void
  /**
   * What `make` makes of the thing, made again of every next one. Each call goes to the newest; one that is under way ends where it
   * began. `make` must return an object of functions that need no `this`.
   */
  follow<Made extends object>(make: (thing: Thing) => Made): Made
}

/** @param first what stands until the first exchange */
export function exchangeable<Thing extends object>(first: Thing): Exchangeable<Thing> {
  let current = first
  const followers: ((next: Thing) => () => void)[] = []
  return {
    exchange(next) {
      // all or none: when one of them cannot be made, everything stays as it was
      const switches = followers.map((prepare) => prepare(next))
      current = next
      for (const switchOver of switches) switchOver()
    },
    follow<Made extends object>(make: (thing: Thing) => Made): Made {
      let made = make(current)
      followers.push((next) => {
        const prepared = make(next)
        return () => {
          made = prepared
        }
      })
      return new Proxy({} as Made, { get: (_target, name) => Reflect.get(made, name) as unknown })
    },
  }
}
