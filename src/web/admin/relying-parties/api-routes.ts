import { z } from 'zod'
import { Refusal } from '../../../error-registry/refusal.ts'
import type { ClientView } from '../../../relying-party/client-view.ts'
import { importClients, MAX_IMPORTED, readImport } from '../../../relying-party/import-clients.ts'
import { registrationFields } from '../../../relying-party/registration-fields.ts'
import { defineApiRoute, type ApiRoute } from '../api/define-api-route.ts'
import { pageOf, pageQuery } from '../api/pagination.ts'
import { RequestRefused } from '../api/problem.ts'
import { refuseClient } from './refuse-client.ts'
import type { SiteDependencies } from './site-dependencies.ts'

const TAG = 'Relying parties'
const time = z.iso.datetime()
const registration = registrationFields.omit({ clientSecret: true })
const view = registration.extend({
  status: z.enum(['enabled', 'disabled']),
  version: z.int(),
  createdAt: time,
  updatedAt: time,
  disabledAt: time.optional(),
  secrets: z.array(z.strictObject({ createdAt: time, endsAt: time.optional() })),
})
/** The secret is in this answer and in no other. */
const changed = z.strictObject({ client: view, clientSecret: z.string().optional() })
const params = z.strictObject({ clientId: z.string().min(1).max(255) })
/** Fields of a registration (docs/relying-parties.md); the rules are judged as a whole, so the schema names none of them here. */
const changes = z.record(z.string(), z.unknown())
const keepOldFor = z.int().min(0).max(2_592_000).default(86_400)
const allowNewSubjects = z.stringbool().default(false)

/** The same over HTTP, for programs. */
export function createSiteApi({ work, drawId }: SiteDependencies): ApiRoute[] {
  return [
    defineApiRoute({
      method: 'get',
      path: '/relying-parties',
      act: 'relying-parties.read',
      tag: TAG,
      summary: 'Search the registered clients, by id.',
      query: pageQuery.extend({
        q: z.string().max(200).default(''),
        status: z.enum(['enabled', 'disabled']).optional(),
      }),
      response: pageOf(view),
      async handle({ query: { limit, cursor, q: text, status } }) {
        const after = cursor === undefined ? undefined : Buffer.from(cursor, 'base64url').toString()
        const found = await work.clients.search({ text, status, after, limit: limit + 1 })
        const shown = found.slice(0, limit)
        const last = found.length > limit ? shown.at(-1)?.clientId : undefined
        const next = last === undefined ? {} : { next: Buffer.from(last).toString('base64url') }
        return { body: { items: shown.map(written), ...next } }
      },
    }),
    defineApiRoute({
      method: 'get',
      path: '/relying-parties/:clientId',
      act: 'relying-parties.read',
      tag: TAG,
      summary: 'One client, without its secrets.',
      params,
      response: view,
      async handle({ params: { clientId } }) {
        const client = await work.clients.show(clientId).catch(refuse)
        return { body: written(client), version: client.version }
      },
    }),
    defineApiRoute({
      method: 'post',
      path: '/relying-parties',
      act: 'relying-parties.register',
      tag: TAG,
      summary: 'Register a client. A secret, if it has one, is in this answer and in no other.',
      status: 201,
      body: changes,
      response: changed,
      async handle({ body, actor }) {
        const added = await work.change(actor, (clients) => clients.add(body)).catch(refuse)
        const { client, clientSecret } = added
        return {
          body: { client: written(client), clientSecret },
          version: client.version,
          location: `/relying-parties/${encodeURIComponent(client.clientId)}`,
        }
      },
    }),
    defineApiRoute({
      method: 'post',
      path: '/relying-party-imports',
      act: 'relying-parties.register',
      tag: TAG,
      summary: `Register up to ${MAX_IMPORTED} clients: all of them, or none.`,
      status: 201,
      body: z.strictObject({ clients: z.array(changes).min(1).max(MAX_IMPORTED) }),
      response: z.strictObject({ clients: z.array(changed) }),
      async handle({ body, actor }) {
        const text = body.clients.map((client) => JSON.stringify(client)).join('\n')
        const added = await work
          .change(actor, async (clients) => {
            const lines = await readImport(text, { clients, drawId })
            const faults = lines.flatMap((line) =>
              line.faults.map(({ field, message }) => ({
                code: 'custom' as const,
                path: ['clients', line.number - 1, ...(field === '' ? [] : [field])],
                message,
                input: undefined,
              })),
            )
            if (faults.length > 0) throw new z.ZodError(faults)
            return importClients(lines, clients)
          })
          .catch(refuse)
        return {
          body: { clients: added.map(({ client, clientSecret }) => ({ client: written(client), clientSecret })) },
        }
      },
    }),
    defineApiRoute({
      method: 'patch',
      path: '/relying-parties/:clientId',
      act: 'relying-parties.edit',
      tag: TAG,
      summary: 'Change the fields that are named; null takes one back to its default.',
      conditional: true,
      params,
      query: z.strictObject({ allow_new_subjects: allowNewSubjects }),
      body: changes,
      response: changed,
      async handle({ params: { clientId }, query, body, actor, version }) {
        const { client, clientSecret } = await work
          .change(actor, (clients) =>
            clients.update(clientId, body, {
              version: versionOf(version),
              allowNewSubjects: query.allow_new_subjects,
            }),
          )
          .catch(refuse)
        return { body: { client: written(client), clientSecret }, version: client.version }
      },
    }),
    defineApiRoute({
      method: 'post',
      path: '/relying-parties/:clientId/secrets',
      act: 'relying-parties.rotate-secret',
      tag: TAG,
      summary: 'Draw a new secret; the one before is accepted for so many seconds more.',
      conditional: true,
      status: 201,
      params,
      body: z.strictObject({ keepOldForSeconds: keepOldFor }),
      response: changed,
      async handle({ params: { clientId }, body, actor, version }) {
        const { client, clientSecret } = await work
          .change(actor, (clients) =>
            clients.rotateSecret(clientId, {
              keepOldForMs: body.keepOldForSeconds * 1000,
              version: versionOf(version),
            }),
          )
          .catch(refuse)
        return { body: { client: written(client), clientSecret }, version: client.version }
      },
    }),
    ...(['disable', 'enable'] as const).map((what) =>
      defineApiRoute({
        method: 'post',
        path: `/relying-parties/:clientId/${what}`,
        act: 'relying-parties.disable',
        tag: TAG,
        summary: what === 'disable' ? 'Let a client be unknown everywhere, at once.' : 'Let it be as it was.',
        params,
        response: view,
        async handle({ params: { clientId }, actor }) {
          const client = await work
            .change(actor, (clients) => clients.setDisabled(clientId, what === 'disable'))
            .catch(refuse)
          return { body: written(client), version: client.version }
        },
      }),
    ),
  ]
}

function written(client: ClientView): z.input<typeof view> {
  const { createdAt, updatedAt, disabledAt, secrets, ...rest } = client
  return {
    ...rest,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    disabledAt: disabledAt?.toISOString(),
    secrets: secrets.map(({ createdAt: since, endsAt }) => ({
      createdAt: since.toISOString(),
      endsAt: endsAt?.toISOString(),
    })),
  }
}

function versionOf(tag: string | undefined): number {
  if (tag === undefined || !/^[1-9]\d{0,8}$/.test(tag))
    throw new Refusal('ADMIN_CHANGED_MEANWHILE', 'not a version of ours')
  return Number(tag)
}

/** Fields by name for the program that sent them. @throws always */
function refuse(fault: unknown): never {
  if (fault instanceof z.ZodError) throw new RequestRefused('body', fault)
  return refuseClient(fault)
}
