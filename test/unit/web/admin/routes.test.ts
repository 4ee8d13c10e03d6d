import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ACTS, mayRole, permissionOf, scopeOf } from '../../../../src/administration/permissions.ts'
import { ROLES } from '../../../../src/administration/role.ts'
import { collectRoutes } from '../../../../src/web/admin/admin-routes.ts'
import { defineApiRoute } from '../../../../src/web/admin/api/define-api-route.ts'
import { definePage, go, page } from '../../../../src/web/admin/define-page.ts'

describe('what cannot be defined', () => {
  test('attack 44: a dangerous act by a link', () => {
    expect(() =>
      definePage({ method: 'get', path: '/x', act: 'administrators.remove', handle: () => page('x', 'x') }),
    ).toThrow('fresh tap')
  })

  test('attack 44: a dangerous act without showing what is confirmed', () => {
    expect(() =>
      definePage({ method: 'post', path: '/x', act: 'administrators.remove', handle: () => go('/admin') }),
    ).toThrow('confirm()')
  })

  test('a confirmation where nothing is confirmed', () => {
    expect(() =>
      definePage({
        method: 'post',
        path: '/x',
        act: 'console.use',
        confirm: () => ({ titleKey: 'x', facts: [] }),
        handle: () => go('/admin'),
      }),
    ).toThrow('confirm()')
  })

  test('a form of a link', () => {
    expect(() =>
      definePage({
        method: 'get',
        path: '/x',
        act: 'console.use',
        form: z.strictObject({}),
        handle: () => page('x', 'x'),
      }),
    ).toThrow('no form')
  })

  test('an API route that changes something when it is read', () => {
    expect(() =>
      defineApiRoute({
        method: 'get',
        path: '/x',
        act: 'proposals.approve',
        summary: '',
        tag: '',
        response: z.strictObject({}),
        handle: () => ({ body: {} }),
      }),
    ).toThrow('changes something')
  })

  test('the same address twice', () => {
    const twice = definePage({ method: 'get', path: '/x', act: 'console.use', handle: () => page('x', 'x') })
    expect(() => collectRoutes({ pages: [twice], api: [] }, { pages: [twice], api: [] })).toThrow('two routes')
  })
})

describe('the table of permissions', () => {
  test.each(ACTS)('attack 44: %s: no program approves, or says who may do what', (act) => {
    if (/\.approve$|^administrators\.|^api-clients\./.test(act)) expect(permissionOf(act).services).toBe(false)
    expect(scopeOf(act)).toMatch(/^admin(?::[a-z-]+)+$/)
  })

  test.each(ACTS)('%s: an owner may, and everybody who may is known', (act) => {
    expect(mayRole('owner', act)).toBe(true)
    expect(permissionOf(act).roles.every((role) => ROLES.includes(role))).toBe(true)
  })

  test.each(ACTS.filter((act) => permissionOf(act).secondApprover))(
    'attack 44: %s: who proposes does not approve',
    (act) => {
      const both = ROLES.filter((role) => mayRole(role, act) && mayRole(role, 'proposals.approve'))
      // an owner may both, but never for what they proposed themselves
      expect(both).toEqual(['owner'])
    },
  )

  test('attack 44: a viewer changes nothing', () => {
    const changes = ACTS.filter((act) => permissionOf(act).stepUp)
    expect(changes.filter((act) => mayRole('viewer', act))).toEqual([])
  })
})
