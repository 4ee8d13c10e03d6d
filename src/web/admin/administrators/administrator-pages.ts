import { z } from 'zod'
import type { AdminState } from '../../../administration/admin-store.ts'
import type { Administrators } from '../../../administration/create-administrators.ts'
import { mayRole } from '../../../administration/permissions.ts'
import { ROLES } from '../../../administration/role.ts'
import { Refusal } from '../../../error-registry/refusal.ts'
import { writeDay, writeMoment } from '../../describe-overview.ts'
import type { Locale } from '../../locale.ts'
import type { AdminRoutes } from '../admin-routes.ts'
import { defineApiRoute } from '../api/define-api-route.ts'
import { pageOf } from '../api/pagination.ts'
import type { Admin } from '../caller.ts'
import { definePage, go, page } from '../define-page.ts'

export interface AdministratorPagesDependencies {
  /** Of the console: where an invitation leads. */
  readonly origin: string
  readonly administrators: Administrators
}

const roleForm = z.strictObject({ role: z.enum(ROLES) })
const administratorSchema = z.strictObject({
  accountId: z.uuid(),
  role: z.enum(ROLES),
  grantedBy: z.uuid().optional(),
  since: z.iso.datetime(),
  stands: z.boolean(),
})

/** Who administers, and with which right. Only owners change it, never about themselves, and with a tap of their card. */
export function createAdministratorPages({ origin, administrators }: AdministratorPagesDependencies): AdminRoutes {
  const roleOf = async (accountId: string): Promise<string> => {
    const { administrators: all } = await administrators.list()
    const found = all.find((one) => one.accountId === accountId)
    if (found === undefined) throw new Refusal('ADMIN_NOT_ADMINISTRATOR')
    return found.role
  }
  const refuseSelf = (admin: Admin, accountId: string): void => {
    if (admin.accountId === accountId) throw new Refusal('ADMIN_OWN_ROLE')
  }

  return {
    pages: [
      definePage({
        method: 'get',
        path: '/administrators',
        act: 'administrators.read',
        nav: { key: 'administrators', order: 80 },
        handle: async ({ admin, locale }) =>
          page('admin/administrators/list', 'admin.administrators.title', {
            ...describeState(await administrators.list(), admin, locale),
            mayChange: mayRole(admin.role, 'administrators.change-role'),
            roles: ROLES,
          }),
      }),
      definePage({
        method: 'post',
        path: '/administrators/invitations',
        act: 'administrators.invite',
        form: roleForm,
        confirm: ({ fields, t }) => ({
          titleKey: 'admin.administrators.invite.title',
          facts: [{ label: t('admin.administrators.role'), value: t(`admin.role.${fields.role}`) }],
          note: t(`admin.roleText.${fields.role}`),
        }),
        handle: async ({ fields, admin, locale }) => {
          const { token, role, expiresAt } = await administrators.invite(fields.role, admin)
          return page('admin/administrators/invited', 'admin.invited.title', {
            role,
            link: `${origin}/admin/invitation?token=${token}`,
            until: writeMoment(expiresAt, locale),
          })
        },
      }),
      definePage({
        method: 'post',
        path: '/administrators/invitations/:invitationId/withdraw',
        act: 'administrators.withdraw-invitation',
        handle: async ({ params, admin }) => {
          await administrators.withdrawInvitation(params['invitationId'] ?? '', admin)
          return go('/admin/administrators', 'invitation-withdrawn')
        },
      }),
      definePage({
        method: 'post',
        path: '/administrators/:accountId/role',
        act: 'administrators.change-role',
        form: roleForm,
        confirm: async ({ admin, params: { accountId = '' }, fields, t }) => {
          const before = await roleOf(accountId)
          refuseSelf(admin, accountId)
          return {
            titleKey: 'admin.administrators.confirmRole',
            facts: [
              { label: t('admin.administrators.account'), value: accountId },
              { label: t('admin.administrators.roleBefore'), value: t(`admin.role.${before}`) },
              { label: t('admin.administrators.roleAfter'), value: t(`admin.role.${fields.role}`) },
            ],
            note: t(`admin.roleText.${fields.role}`),
          }
        },
        handle: async ({ admin, params, fields }) => {
          await administrators.changeRole(params['accountId'] ?? '', fields.role, admin)
          return go('/admin/administrators', 'role-changed')
        },
      }),
      definePage({
        method: 'post',
        path: '/administrators/:accountId/remove',
        act: 'administrators.remove',
        confirm: async ({ admin, params: { accountId = '' }, t }) => {
          const role = await roleOf(accountId)
          refuseSelf(admin, accountId)
          return {
            titleKey: 'admin.administrators.confirmRemove',
            facts: [
              { label: t('admin.administrators.account'), value: accountId },
              { label: t('admin.administrators.role'), value: t(`admin.role.${role}`) },
            ],
          }
        },
        handle: async ({ admin, params }) => {
          await administrators.remove(params['accountId'] ?? '', admin)
          return go('/admin/administrators', 'administrator-removed')
        },
      }),
    ],
    api: [
      defineApiRoute({
        method: 'get',
        path: '/administrators',
        act: 'administrators.read',
        tag: 'Administrators',
        summary: 'Who administers, and in which role.',
        response: pageOf(administratorSchema),
        handle: async () => {
          const { administrators: all } = await administrators.list()
          return {
            body: {
              items: all.map(({ accountId, role, grantedBy, at, stands }) => ({
                accountId,
                role,
                ...(grantedBy === undefined ? {} : { grantedBy }),
                since: at.toISOString(),
                stands,
              })),
            },
          }
        },
      }),
    ],
  }
}

function describeState({ administrators, invitations }: AdminState, admin: Admin, locale: Locale) {
  return {
    administrators: administrators.map(({ accountId, role, at, stands, lastSignedInAt }) => ({
      accountId,
      shortId: accountId.slice(0, 8),
      role,
      stands,
      isSelf: accountId === admin.accountId,
      since: writeDay(at, locale),
      lastSignIn: lastSignedInAt && writeMoment(lastSignedInAt, locale),
    })),
    invitations: invitations.map(({ id, role, expiresAt }) => ({ id, role, until: writeMoment(expiresAt, locale) })),
  }
}
