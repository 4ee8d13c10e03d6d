import { z } from 'zod'
import { verifyEvent } from '../../../audit/browse/verify-event.ts'
import type { StoredEvent } from '../../../audit/seal/stored-event.ts'
import { sealDigest } from '../../../audit/seal/audit-seal.ts'
import { Refusal } from '../../../error-registry/refusal.ts'
import { defineApiRoute, type ApiRoute } from '../api/define-api-route.ts'
import { pageOf, pageQuery } from '../api/pagination.ts'
import type { AuditDependencies } from './audit-dependencies.ts'

const TAG = 'Audit log'
const sequence = z.string().regex(/^[1-9]\d{0,17}$/)
const event = z.strictObject({
  sequence,
  at: z.string(),
  type: z.string(),
  actor: z.string(),
  accountId: z.string().nullable(),
  credentialId: z.string().nullable(),
  clientId: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
})

/** The log for programs; all of it with its seals is what `sekisho audit export` writes. */
export function createAuditApi({ browser, keys }: AuditDependencies): ApiRoute[] {
  return [
    defineApiRoute({
      method: 'get',
      path: '/audit/events',
      act: 'audit.read',
      tag: TAG,
      summary:
        'Records that fit everything that is named, newest first. A page may be short and yet not be the last: go on while there is a next.',
      query: pageQuery.extend({
        type: z.string().max(255).optional(),
        account_id: z.uuid().optional(),
        client_id: z.string().max(255).optional(),
        code: z.string().max(255).optional(),
        actor: z.string().max(255).optional(),
        from: z.iso.datetime({ offset: true }).optional(),
        until: z.iso.datetime({ offset: true }).optional(),
      }),
      response: pageOf(event),
      async handle({
        query: { limit, cursor, account_id: accountId, client_id: clientId, type, code, actor, from, until },
      }) {
        const before = cursor === undefined ? undefined : sequenceOf(cursor)
        const { events, older } = await browser.page(
          { type, accountId, clientId, code, actor, from: dateOf(from), until: dateOf(until) },
          { before, limit },
        )
        const next = older === undefined ? {} : { next: Buffer.from(older.toString()).toString('base64url') }
        return { body: { items: events.map(written), ...next } }
      },
    }),
    defineApiRoute({
      method: 'get',
      path: '/audit/events/:sequence',
      act: 'audit.read',
      tag: TAG,
      summary: 'One record, and whether its seal says that it is as it was written.',
      params: z.strictObject({ sequence }),
      response: z.strictObject({
        event,
        seal: z.strictObject({ state: z.enum(['unsealed', 'verified', 'broken']), number: z.int().optional() }),
      }),
      async handle({ params }) {
        const found = await browser.event(BigInt(params.sequence))
        if (found === undefined) throw new Refusal('ADMIN_EVENT_NOT_FOUND')
        const seal = await verifyEvent({ browser, keys: (await keys()).byId, sequence: found.sequence })
        const number = seal.state === 'unsealed' ? {} : { number: seal.number }
        return { body: { event: written(found), seal: { state: seal.state, ...number } } }
      },
    }),
    defineApiRoute({
      method: 'get',
      path: '/audit/head',
      act: 'audit.read',
      tag: TAG,
      summary:
        'The newest seal: noted down elsewhere, it lets `sekisho audit verify --expect-head` find a log that was cut.',
      response: z.strictObject({
        head: z.strictObject({ number: z.int(), digest: z.string(), sealedAt: z.iso.datetime() }).nullable(),
        unsealed: z.int().min(0),
      }),
      async handle() {
        const { seal, lastSequence } = await browser.head()
        return {
          body: {
            head:
              seal === undefined
                ? null
                : {
                    number: seal.number,
                    digest: sealDigest(seal).toString('base64url'),
                    sealedAt: seal.sealedAt.toISOString(),
                  },
            unsealed: Number(lastSequence - (seal?.lastSequence ?? 0n)),
          },
        }
      },
    }),
  ]
}

function written(stored: StoredEvent): z.input<typeof event> {
  return { ...stored, sequence: stored.sequence.toString(), details: { ...stored.details } }
}

function sequenceOf(cursor: string): bigint {
  const text = Buffer.from(cursor, 'base64url').toString()
  if (!sequence.safeParse(text).success) throw new Refusal('ADMIN_REQUEST_INVALID', 'not a cursor of ours')
  return BigInt(text)
}

function dateOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text)
}
