/** What an administrator is for; each has one (docs/administration.md). */
export const ROLES = ['viewer', 'operator', 'linker', 'approver', 'owner'] as const
export type Role = (typeof ROLES)[number]

export function isRole(text: unknown): text is Role {
  return ROLES.some((role) => role === text)
}
