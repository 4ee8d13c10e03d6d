/** One thing for each combination of label values. */
export interface Series<Label extends string, Thing> {
  of(labels: Readonly<Record<Label, string>>): Thing
  all(): Iterable<{ readonly labels: Readonly<Record<Label, string>>; readonly thing: Thing }>
}

/**
 * Finds what is counted by one look-up: prom-client checks, sorts and joins the labels anew for everything it is told, which costs more
 * than the counting.
 */
export function createSeries<Label extends string, Thing>(
  labelNames: readonly Label[],
  make: () => Thing,
): Series<Label, Thing> {
  const made = new Map<string, { readonly labels: Readonly<Record<Label, string>>; readonly thing: Thing }>()
  return {
    of(labels) {
      let key = ''
      // no value of ours has a line break: they are words (create-metrics.ts)
      for (const name of labelNames) key = key === '' ? labels[name] : `${key}\n${labels[name]}`
      const found = made.get(key)
      if (found !== undefined) return found.thing
      const thing = make()
      const own = Object.fromEntries(labelNames.map((name) => [name, labels[name]])) as Record<Label, string>
      made.set(key, { labels: own, thing })
      return thing
    },
    all: () => made.values(),
  }
}
