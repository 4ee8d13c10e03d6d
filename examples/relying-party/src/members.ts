/**
 * Users that the shop had before it knew the card: here two, with a password that the page shows. A real site has its own table and its own
 * sign-in; all that linking needs is a name of the shop's own that stays the same, and is nobody's e-mail address.
 */
const MEMBERS = [
  { id: 'member-1001', name: '山田 花子 (1001)', password: 'sakura' },
  { id: 'member-1002', name: '鈴木 一郎 (1002)', password: 'momiji' },
] as const

export interface Member {
  /** The shop's own name for its user: `external_id`. */
  readonly id: string
  readonly name: string
}

export function findMember(id: unknown): Member | undefined {
  const found = MEMBERS.find((member) => member.id === id)
  return found && { id: found.id, name: found.name }
}

export function signInMember(id: unknown, password: unknown): Member | undefined {
  return MEMBERS.some((member) => member.id === id && member.password === password) ? findMember(id) : undefined
}
