import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { openidSite } from '../support/openid-site.ts'
import { basic, post } from '../support/raw-openid.ts'

/**
 * What a process remembers of standings (docs/adr/0024) never answers for PostgreSQL: whoever changes something, the first question after the commit
 * is answered by it, at every process, however often the answer was yes before (attacks 32, 39, 41).
 */
const API = 'https://api.example/'
const TIMES = 5
let system: ConformanceSystem
let token: string
let accountId: string
let credentialId: string
let other: string
let subject: string

beforeAll(async () => {
  system = await startConformanceSystem()
  const resources = [{ resource: API, scopes: ['read'] }]
  await system.register({ clientId: 'asking', resources, firstParty: false })
  await system.register({ clientId: 'api', redirectUris: [], resourceServer: { resource: API, scopes: ['read'] } })
  const site = await openidSite(system, 'asking')
  const parameters = { scope: 'openid read', resource: API }
  const signedIn = await site.signIn(system.person(), { parameters })
  token = signedIn.access_token
  const { rows } = await system.database.query<{ account_id: string; id: string }>(
    'SELECT account_id, id FROM credentials',
  )
  const [card] = rows
  if (card === undefined) throw new Error('nobody signed in')
  ;({ account_id: accountId, id: credentialId } = card)
  await system.database.query(`INSERT INTO accounts (id, created_at) VALUES (gen_random_uuid(), now())`)
  other =
    (await system.database.query<{ id: string }>('SELECT id FROM accounts WHERE id <> $1', [accountId])).rows[0]?.id ??
    ''
})
afterAll(() => system.close())

const ask = async (process: string) =>
  (await post(`${process}/token/introspection`, { token }, basic('api'))).body as { active: boolean; sub?: string }
const askBoth = () => Promise.all([ask(system.issuer), ask(system.second)])

/** Yes, again and again: now both processes remember it. */
async function warm(): Promise<void> {
  for (let time = 0; time < 3; time++) {
    for (const answer of await askBoth()) {
      expect(answer).toMatchObject({ active: true, sub: subject })
    }
  }
}
beforeEach(async () => {
  subject = (await ask(system.issuer)).sub ?? ''
})

const here = 'WHERE id = $1'
test.each([
  ['suspended', `UPDATE accounts SET status = 'suspended' ${here}`, `UPDATE accounts SET status = 'active' ${here}`],
  ['closed', `UPDATE accounts SET status = 'closed' ${here}`, `UPDATE accounts SET status = 'active' ${here}`],
  [
    'signed out everywhere',
    `UPDATE accounts SET sign_outs = sign_outs + 1 ${here}`,
    `UPDATE accounts SET sign_outs = sign_outs - 1 ${here}`,
  ],
  [
    'merged into one that is suspended',
    `UPDATE accounts SET status = 'suspended' WHERE id <> $1; UPDATE accounts SET status = 'merged', merged_into = (SELECT id FROM accounts WHERE id <> $1) ${here}`,
    `UPDATE accounts SET status = 'active', merged_into = NULL`,
  ],
  [
    'consent withdrawn',
    'UPDATE consents SET revoked_at = now() WHERE account_id = $1',
    'UPDATE consents SET revoked_at = NULL WHERE account_id = $1',
  ],
  [
    'its card revoked',
    `UPDATE credentials SET status = 'revoked' WHERE account_id = $1`,
    `UPDATE credentials SET status = 'current' WHERE account_id = $1`,
  ],
  [
    'its card unlinked',
    `UPDATE credentials SET status = 'unlinked' WHERE account_id = $1`,
    `UPDATE credentials SET status = 'current' WHERE account_id = $1`,
  ],
  [
    'signed out with its card',
    'UPDATE credentials SET sign_outs = sign_outs + 1 WHERE account_id = $1',
    'UPDATE credentials SET sign_outs = sign_outs - 1 WHERE account_id = $1',
  ],
])('an account that was %s by another connection', async (_name, change, back) => {
  const run = (statements: string) => system.database.query(statements.replaceAll('$1', `'${accountId}'`))
  for (let time = 0; time < TIMES; time++) {
    await warm()
    await run(change)
    expect(await askBoth()).toEqual([{ active: false }, { active: false }])
    await run(back)
  }
})

test('a card that was split off to another account by another connection', async () => {
  for (let time = 0; time < TIMES; time++) {
    await warm()
    await system.database.query('UPDATE credentials SET account_id = $2 WHERE id = $1', [credentialId, other])
    expect(await askBoth()).toEqual([{ active: false }, { active: false }])
    await system.database.query('UPDATE credentials SET account_id = $2 WHERE id = $1', [credentialId, accountId])
  }
})

test('another name of the account at the API is told at once', async () => {
  for (let time = 0; time < TIMES; time++) {
    await warm()
    const renamed = `${subject.slice(0, -1)}${time}`
    await system.database.query('UPDATE subjects SET sub = $2 WHERE sub = $1', [subject, renamed])
    subject = renamed
    for (const answer of await askBoth()) expect(answer).toMatchObject({ active: true, sub: renamed })
  }
})

test('while a change is not committed it has not happened; many who ask meanwhile are answered, and none after the commit with yes', async () => {
  const client = await system.database.connect()
  try {
    for (let time = 0; time < TIMES; time++) {
      await warm()
      await client.query('BEGIN')
      await client.query('UPDATE accounts SET sign_outs = sign_outs + 1 WHERE id = $1', [accountId])
      await warm()
      let isCommitted = false
      const stale: unknown[] = []
      const asking = Array.from({ length: 8 }, async (_one, worker) => {
        for (let question = 0; question < 6; question++) {
          const cameAfter = isCommitted
          const { active } = await ask(worker % 2 === 0 ? system.issuer : system.second)
          if (active && cameAfter) stale.push([time, worker, question])
        }
      })
      await client.query('COMMIT')
      isCommitted = true
      await Promise.all(asking)
      expect(stale).toEqual([])
      expect(await askBoth()).toEqual([{ active: false }, { active: false }])
      await client.query('UPDATE accounts SET sign_outs = sign_outs - 1 WHERE id = $1', [accountId])
    }
  } finally {
    client.release()
  }
})
