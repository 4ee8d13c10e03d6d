import type { SignOut } from '../../subject/graph/account-graph-store.ts'
import type { Database } from '../database.ts'
import { REFERENCE, type Holdings } from '../holdings.ts'
import { putLogoutNotices, type WrittenLogoutNotice } from '../logout-notices.ts'
import { parseEntry } from './account-entries.ts'
import { accountKey, digestOf, grantKey, sessionKey, singleKey, type Routes } from './keys.ts'
import { payloadOf } from './payload-form.ts'
import type { RunScript, ScriptReply } from './run-script.ts'

interface HeldSession {
  readonly key: string
  readonly digest: string
  readonly uid: string
  readonly signedInAt: Date
  readonly expiresAt: Date
  readonly authorizations: readonly (Authorization & { readonly clientId: string })[]
}

interface Authorization {
  readonly sid?: string
  readonly grantId?: string
  readonly persistsLogout?: boolean
}

interface HeldGrant {
  readonly key: string
  readonly clientId: string
  readonly writtenAt: Date
}

/**
 * What an account has in Redis. Each session and each grant ends in one step of its own; that everything of an account is worth nothing
 * any more is decided elsewhere, in PostgreSQL (docs/adr/0005). Notices to sites are written before, so that a crash in between repeats them.
 */
export function createRedisHoldings({
  run,
  routes,
  database,
}: {
  readonly run: RunScript
  readonly routes: Routes
  /** Of the outbox. */
  readonly database: Database
}): Holdings {
  const read = async (accountId: string) => {
    const entries = ((await run('indexed', [accountKey(accountId)])) ?? []) as readonly string[]
    const sessions: HeldSession[] = []
    const grants: HeldGrant[] = []
    await Promise.all(
      entries.map(async (text) => {
        const entry = parseEntry(text)
        if (entry === undefined) return
        const { route, digest } = entry
        const key = entry.kind === 'session' ? sessionKey(route, digest) : grantKey(route, digest)
        const found = foundOf(await run('look', [key]))
        if (found?.payload['accountId'] !== accountId) return
        const { payload, writtenAt, expiresAt } = found
        if (entry.kind === 'grant') {
          grants.push({ key, clientId: entry.clientId, writtenAt })
          return
        }
        const given = (payload['authorizations'] ?? {}) as Readonly<Record<string, Authorization>>
        sessions.push({
          key,
          digest,
          uid: payload.uid ?? '',
          signedInAt: new Date(Number(payload['loginTs']) * 1000),
          expiresAt,
          authorizations: Object.entries(given).map(([clientId, one]) => ({ ...one, clientId })),
        })
      }),
    )
    return { sessions: sessions.toSorted((one, other) => Number(other.signedInAt) - Number(one.signedInAt)), grants }
  }

  const keyOfGrant = (grantId: string): string => grantKey(routes.ofGroup(grantId), digestOf(grantId))

  async function end(
    accountId: string,
    at: Date,
    { sessions, grants }: { readonly sessions: readonly HeldSession[]; readonly grants: ReadonlyMap<string, string> },
  ): Promise<void> {
    const notices: WrittenLogoutNotice[] = sessions.flatMap(({ authorizations }) =>
      authorizations.map(({ clientId, sid }) => ({
        clientId,
        accountId,
        ...(sid === undefined ? {} : { sessionId: sid }),
      })),
    )
    // a site whose grant outlived the session that it came from
    const told = new Set(notices.map(({ clientId }) => clientId))
    for (const clientId of new Set(grants.values())) if (!told.has(clientId)) notices.push({ clientId, accountId })
    await putLogoutNotices(database, notices, at)
    await Promise.all([
      ...sessions.map(({ key }) => run('endSession', [key])),
      ...[...grants.keys()].map((key) => run('delete', [key])),
    ])
  }

  const wasTappedWith = async ({ uid, signedInAt }: HeldSession, credentialId: string): Promise<boolean> => {
    // as oidc/authentications.ts names it; a tap that is not on record counts as one of this card
    const tap = digestOf(`${uid} ${Math.floor(signedInAt.getTime() / 1000)}`)
    const found = foundOf(await run('look', [singleKey('Authentication', tap)]))
    return (found?.payload['credentialId'] ?? credentialId) === credentialId
  }

  return {
    async sessions(accountId) {
      const { sessions } = await read(accountId)
      return sessions.map(({ digest, signedInAt, expiresAt }) => ({
        reference: Buffer.from(digest, 'base64url').toString('hex'),
        signedInAt,
        expiresAt,
      }))
    },

    async grants(accountId) {
      const { grants } = await read(accountId)
      return [...Map.groupBy(grants, ({ clientId }) => clientId)].map(([clientId, held]) => {
        const times = held.map(({ writtenAt }) => writtenAt.getTime())
        return { clientId, firstAt: new Date(Math.min(...times)), lastAt: new Date(Math.max(...times)) }
      })
    },

    async disconnect(accountId, clientId, at) {
      const { sessions, grants } = await read(accountId)
      const ending = grants.filter((grant) => grant.clientId === clientId)
      if (ending.length === 0) return false
      const heldBy = sessions.flatMap(({ authorizations }) =>
        authorizations.flatMap(({ clientId: site, sid }) => (site === clientId && sid !== undefined ? [sid] : [])),
      )
      const notices =
        heldBy.length > 0 ? heldBy.map((sessionId) => ({ clientId, accountId, sessionId })) : [{ clientId, accountId }]
      await putLogoutNotices(database, notices, at)
      await Promise.all(ending.map(({ key }) => run('delete', [key])))
      return true
    },

    async endSession(accountId, reference, at) {
      if (!REFERENCE.test(reference)) return false
      const digest = Buffer.from(reference, 'hex').toString('base64url')
      const { sessions } = await read(accountId)
      const session = sessions.find((one) => one.digest === digest)
      if (session === undefined) return false
      await end(accountId, at, {
        sessions: [session],
        grants: grantsOf([session], keyOfGrant, ({ persistsLogout }) => persistsLogout !== true),
      })
      return true
    },

    async signOut({ accountId, credentialId }: SignOut, at) {
      const { sessions, grants } = await read(accountId)
      const before = sessions.filter(({ signedInAt }) => signedInAt <= at)
      const ending: HeldSession[] = []
      for (const session of before) {
        if (credentialId === undefined || (await wasTappedWith(session, credentialId))) ending.push(session)
      }
      // of which card a grant came that no session holds, nobody can say: it ends too
      const kept = grantsOf(
        sessions.filter((session) => !ending.includes(session)),
        keyOfGrant,
        () => true,
      )
      const orphans = grants.filter(({ key, writtenAt }) => writtenAt <= at && !kept.has(key))
      await end(accountId, at, {
        sessions: ending,
        grants: new Map([
          ...grantsOf(ending, keyOfGrant, () => true),
          ...orphans.map(({ key, clientId }) => [key, clientId] as const),
        ]),
      })
    },
  }
}

/** Of the step `look`. */
function foundOf(reply: ScriptReply) {
  if (!Array.isArray(reply)) return undefined
  const [text, writtenMs, endMs] = reply as readonly unknown[]
  return {
    payload: payloadOf(String(text)),
    writtenAt: new Date(Number(writtenMs)),
    expiresAt: new Date(Number(endMs)),
  }
}

/** Keys of grants, and whose they are. */
function grantsOf(
  sessions: readonly HeldSession[],
  keyOfGrant: (grantId: string) => string,
  isMeant: (authorization: Authorization) => boolean,
): ReadonlyMap<string, string> {
  return new Map(
    sessions.flatMap(({ authorizations }) =>
      authorizations.flatMap((one) =>
        one.grantId !== undefined && isMeant(one) ? [[keyOfGrant(one.grantId), one.clientId] as const] : [],
      ),
    ),
  )
}
