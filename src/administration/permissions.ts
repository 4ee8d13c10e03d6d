import { ROLES, type Role } from './role.ts'

export interface Permission {
  readonly roles: readonly Role[]
  /** In the console: only with a fresh tap of the card, bound to this one act (attack 44). By the API: with a token of a tap just now. */
  readonly stepUp: boolean
  /** It only proposes: nothing happens until somebody else has approved. */
  readonly secondApprover: boolean
  /** Whether a program without a person may do it. Never what approves, and never what says who may do what. */
  readonly services: boolean
}

const read = (...roles: readonly Role[]): Permission => ({
  roles,
  stepUp: false,
  secondApprover: false,
  services: true,
})
const write = (...roles: readonly Role[]): Permission => ({ ...read(...roles), services: false })
const dangerous = (...roles: readonly Role[]): Permission => ({ ...write(...roles), stepUp: true })

const EVERYBODY = ROLES
const ACCOUNT_READERS = ['viewer', 'linker', 'approver', 'owner'] as const

/**
 * Who may do what. The one table: every page and every API route names its act, and is open to nobody otherwise. The scope of an act at
 * the admin API is made of its name (`scopeOf`).
 */
export const PERMISSIONS = {
  'console.use': write(...EVERYBODY),
  'overview.read': read(...EVERYBODY),

  'accounts.read': read(...ACCOUNT_READERS),
  'accounts.end-session': write('linker', 'owner'),
  'candidates.dismiss': write('linker', 'owner'),
  'proposals.read': read(...ACCOUNT_READERS),
  'proposals.create': { ...dangerous('linker', 'owner'), secondApprover: true, services: true },
  'proposals.preview': { ...read('linker', 'approver', 'owner'), services: true },
  'proposals.withdraw': { ...write('linker', 'owner'), services: true },
  'proposals.approve': dangerous('approver', 'owner'),
  'proposals.reject': write('approver', 'owner'),

  'relying-parties.read': read(...EVERYBODY),
  'relying-parties.check': { ...write('operator', 'owner'), services: true },
  'relying-parties.register': dangerous('operator', 'owner'),
  'relying-parties.edit': dangerous('operator', 'owner'),
  'relying-parties.rotate-secret': dangerous('operator', 'owner'),
  'relying-parties.disable': dangerous('operator', 'owner'),
  'relying-parties.test': write('operator', 'owner'),
  'relying-parties.links.read': read('operator', 'linker', 'approver', 'owner'),
  'relying-parties.links.remove': dangerous('operator', 'owner'),

  'audit.read': read(...EVERYBODY),
  'audit.export': read('approver', 'owner'),

  'administrators.read': write(...EVERYBODY),
  'administrators.invite': dangerous('owner'),
  'administrators.withdraw-invitation': write('owner'),
  'administrators.change-role': dangerous('owner'),
  'administrators.remove': dangerous('owner'),

  'api-clients.read': write('owner'),
  'api-clients.add': dangerous('owner'),
  'api-clients.remove': dangerous('owner'),
} as const satisfies Record<string, Permission>

export type Act = keyof typeof PERMISSIONS

export const ACTS = Object.keys(PERMISSIONS) as readonly Act[]

export function permissionOf(act: Act): Permission {
  return PERMISSIONS[act]
}

export function mayRole(role: Role, act: Act): boolean {
  return permissionOf(act).roles.includes(role)
}

/** `accounts.read` → `admin:accounts:read` */
export function scopeOf(act: Act): string {
  return `admin:${act.replaceAll('.', ':')}`
}
