import { expect, test } from 'vitest'
import { protectApiClients } from '../../../src/administration/protect-api-clients.ts'
import type { Role } from '../../../src/administration/role.ts'
import type { AuditActor } from '../../../src/audit/audit-event.ts'
import type { ClientAdministration } from '../../../src/relying-party/client-administration.ts'

const OWNER = '00000000-0000-4000-8000-000000000001'
const OPERATOR = '00000000-0000-4000-8000-000000000002'
const ROLES: Readonly<Record<string, Role>> = { [OWNER]: 'owner', [OPERATOR]: 'operator' }

function world() {
  const done: string[] = []
  const change = (name: string) => (clientId: string) => {
    done.push(`${name} ${clientId}`)
    return Promise.resolve(undefined as never)
  }
  const clients = {
    add: change('add'),
    update: change('update'),
    rotateSecret: change('rotate'),
    setDisabled: change('disable'),
  } as unknown as ClientAdministration
  const work = protectApiClients(
    { clients, change: (_actor, run) => run(clients) },
    {
      apiClients: {
        list: () => Promise.resolve([{ clientId: 'robot', scopes: [], addedBy: 'operator', addedAt: new Date(0) }]),
      },
      roleOf: (accountId) => Promise.resolve(ROLES[accountId]),
    },
  )
  return { work, done }
}

const CHANGES: readonly [string, (clients: ClientAdministration, clientId: string) => Promise<unknown>][] = [
  ['update', (clients, id) => clients.update(id, {})],
  ['rotate', (clients, id) => clients.rotateSecret(id, { keepOldForMs: 0 })],
  ['disable', (clients, id) => clients.setDisabled(id, true)],
]

test.each(CHANGES)('attack 44: %s: a program at the admin API is changed by owners alone', async (name, change) => {
  for (const actor of [`admin:${OPERATOR}`, 'admin:nobody', 'service:robot'] satisfies AuditActor[]) {
    const { work, done } = world()
    await expect(work.change(actor, (clients) => change(clients, 'robot'))).rejects.toMatchObject({
      code: 'ADMIN_FORBIDDEN',
    })
    expect(done).toEqual([])
    await work.change(actor, (clients) => change(clients, 'shop'))
    expect(done).toEqual([`${name} shop`])
  }
  const { work, done } = world()
  await work.change(`admin:${OWNER}`, (clients) => change(clients, 'robot'))
  expect(done).toEqual([`${name} robot`])
})
