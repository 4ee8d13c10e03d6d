import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import express from 'express'
import { z } from 'zod'
import type { IdempotencyStore } from '../../../src/administration/idempotency.ts'
import { Refusal } from '../../../src/error-registry/refusal.ts'
import { createAdminApi } from '../../../src/web/admin/api/create-admin-api.ts'
import { defineApiRoute } from '../../../src/web/admin/api/define-api-route.ts'
import { toRefusal } from '../../../src/web/answer-errors.ts'

let server: Server | undefined
afterEach(() => {
  server?.close()
})

/** The API with one act, whose callers say by a header which program of one administrator they are. */
async function serve({ finish }: Partial<Pick<IdempotencyStore, 'finish'>> = {}) {
  const kept = new Map<string, { readonly digest: string; answer?: string }>()
  let done = 0
  const api = createAdminApi({
    ...{ issuer: 'https://id.example', resource: 'https://admin.example/admin/api/v1' },
    access: {
      tokenOf: (req) =>
        Promise.resolve({
          clientId: req.get('program') ?? '',
          ...{ audience: '', scopes: [], keyThumbprint: undefined, person: undefined },
        }),
      decide: ({ clientId }) =>
        Promise.resolve({ kind: 'administrator', clientId, accountId: 'a', credentialId: 'c', role: 'owner' }),
    },
    routes: [
      defineApiRoute({
        ...{ method: 'post', path: '/secrets', act: 'relying-parties.rotate-secret', tag: 'x', summary: 'x' },
        response: z.strictObject({ secret: z.string() }),
        handle: () => ({ body: { secret: `secret ${++done}` } }),
      }),
    ],
    idempotency: {
      begin: (caller, key, asked) => {
        const name = `${caller}\n${key}`
        const digest = Buffer.from(asked).toString('hex')
        const known = kept.get(name)
        if (known === undefined) kept.set(name, { digest })
        if (known?.answer !== undefined) return Promise.resolve({ outcome: 'answered', answer: known.answer })
        return Promise.resolve({ outcome: known === undefined ? 'first' : 'under-way' })
      },
      finish:
        finish ??
        ((caller, key, answer) => {
          const known = kept.get(`${caller}\n${key}`)
          if (known !== undefined) known.answer = answer
          return Promise.resolve()
        }),
      forget: (caller, key) => {
        kept.delete(`${caller}\n${key}`)
        return Promise.resolve()
      },
    },
    journal: { append: () => Promise.resolve() },
    limitRate: (_req, _res, next) => {
      next()
    },
    ...{ titleOf: (code) => code, toRefusal, newIncidentId: () => 'incident', onRefusal: () => undefined },
    now: () => new Date(),
  })
  server = createServer(express().use(api)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return async (program: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}/secrets`, {
      method: 'POST',
      headers: { program, 'content-type': 'application/json', 'idempotency-key': 'key-of-two-programs' },
      body: '{}',
    })
    const body = (await answer.json()) as { readonly secret?: string; readonly code?: string }
    return body.secret ?? body.code
  }
}

test('attack 44: an answer is given again to the same program alone, also when two act for one administrator', async () => {
  const ask = await serve()
  expect(await ask('one')).toBe('secret 1')
  expect(await ask('one')).toBe('secret 1')
  expect(await ask('another')).toBe('secret 2')
})

test('what was done and could not be kept is not done again at once', async () => {
  const ask = await serve({ finish: () => Promise.reject(new Refusal('SERVER_STORAGE_UNAVAILABLE')) })
  expect(await ask('one')).toBe('SERVER_STORAGE_UNAVAILABLE')
  expect(await ask('one')).toBe('ADMIN_KEY_IN_USE')
})
