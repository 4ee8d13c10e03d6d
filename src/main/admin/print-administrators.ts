import type { AdminState } from '../../administration/admin-store.ts'

/** One line each. */
export function printAdministrators({ administrators, invitations }: AdminState): string {
  const lines = administrators.map(
    ({ accountId, role, at, stands }) =>
      `${accountId}  ${role.padEnd(8)}  since ${at.toISOString()}${stands ? '' : '  cannot sign in'}`,
  )
  const open = invitations.map(
    ({ id, role, expiresAt }) => `${id}  ${role.padEnd(8)}  invited, until ${expiresAt.toISOString()}`,
  )
  return [...lines, ...open].join('\n') || 'nobody: sekisho admin invite'
}
