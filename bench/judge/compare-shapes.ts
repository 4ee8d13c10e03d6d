/** `a: number, b.c: string …`: what a JSON answer consists of, whatever the values. */
export function shapeOf(value: unknown, path = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [`${path}: ${value === null ? 'null' : typeof value}`]
  if (Array.isArray(value)) return [`${path}: array`]
  return Object.entries(value)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, inner]) => shapeOf(inner, path === '' ? name : `${path}.${name}`))
}

/** What one answer has and the other has not. */
export function differenceOf(one: unknown, other: unknown): { readonly missing: string[]; readonly added: string[] } {
  const [ones, others] = [shapeOf(one), shapeOf(other)]
  return {
    missing: ones.filter((part) => !others.includes(part)),
    added: others.filter((part) => !ones.includes(part)),
  }
}
