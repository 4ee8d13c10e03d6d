/**
 * The one text of a value made of strings, numbers, booleans, null, lists and objects: members in the order of their names
 * (RFC 8785 §3.2.3), no white space. PostgreSQL's jsonb keeps no order of its own, so both sides of a comparison go through here.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`
  }
  return JSON.stringify(value)
}
