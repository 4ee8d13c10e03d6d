import { randomInt } from 'node:crypto'
import {
  GRANT_MEMBERS,
  signedOutMeanwhile,
  type ArtifactPayload,
  type ArtifactWrite,
  type OidcArtifactStore,
} from '../oidc-artifact-store.ts'
import {
  accountKey,
  digestOf,
  grantKey,
  memberKey,
  replayKeys,
  sessionIdKey,
  sessionKey,
  singleKey,
  ticketsKey,
  type Routes,
} from './keys.ts'
import { grantEntry, sessionEntry } from './account-entries.ts'
import { payloadOf, shortTextOf } from './payload-form.ts'
import type { RunScript, ScriptReply } from './run-script.ts'

/** Why records stay a little after their time: oidc-provider looks at `exp` itself, and says "expired" instead of "unknown". */
const KEPT_AFTER_EXPIRY_MS = 60_000
/** A pushed request lives 60 s, but the person may take minutes, and its single use is decided at the end. */
const KEPT_PUSHED_MS = 3600_000

/** Answer of the step `writeMember`. */
const GRANT_GONE = -1

/** Of how many a new grant draws one: five bytes. */
const GENERATIONS = 2 ** 32

/** Artifacts in Redis: each method is one step in one slot, but for the list of what an account has, which is written beside. */
export function createRedisArtifactStore({
  run,
  routes,
  now,
  writesPlain,
}: {
  readonly run: RunScript
  readonly routes: Routes
  readonly now: () => Date
  /** Whether servers of a release before, which read JSON alone, use this Redis too. */
  readonly writesPlain: () => boolean
}): OidcArtifactStore {
  /** An id is a secret: the record is found by its digest, and does not hold it. */
  const textOf = (model: string, payload: ArtifactPayload): string => {
    const { jti: _jti, consumed: _consumed, readBefore: _readBefore, ...rest } = payload
    return writesPlain() ? JSON.stringify(rest) : shortTextOf(model, rest)
  }
  const keyOf = (model: string, id: string): string => {
    const digest = digestOf(id)
    if (model === 'Grant') return grantKey(routes.ofGroup(id), digest)
    if (model === 'ReplayDetection') return replayKeys(id).key
    return GRANT_MEMBERS.has(model) ? memberKey(routes.inId(id), model, digest) : singleKey(model, digest)
  }
  const lifeOf = (model: string, expiresInSeconds: number | undefined): readonly [life: number, end: number] => {
    // Redis forgets what nobody destroys; nothing of ours has no end
    const life = (expiresInSeconds ?? FOREVER_SECONDS) * 1000
    const kept = model === 'PushedAuthorizationRequest' ? KEPT_PUSHED_MS : KEPT_AFTER_EXPIRY_MS
    return [life + kept, expiresInSeconds === undefined ? 0 : now().getTime() + life]
  }

  async function writeSession(id: string, payload: ArtifactPayload, expiresInSeconds?: number): Promise<void> {
    const { uid, accountId } = payload
    if (uid === undefined) throw new Error('a session without a uid')
    const route = routes.ofGroup(uid)
    if (routes.inId(id) !== route) throw new Error('the id of a session does not name its route')
    const [uidDigest, idDigest, [life, end]] = [digestOf(uid), digestOf(id), lifeOf('Session', expiresInSeconds)]
    const keys = [sessionKey(route, uidDigest), sessionIdKey(route, idDigest)]
    const isRead = payload.readBefore === true ? 1 : 0
    const [written] = await Promise.all([
      run('writeSession', keys, [life, end, textOf('Session', payload), uidDigest, idDigest, isRead]),
      typeof accountId === 'string'
        ? run('index', [accountKey(accountId)], [life, end, sessionEntry(route, uidDigest)])
        : undefined,
    ])
    if (written === 0) throw signedOutMeanwhile()
  }

  async function writeGrant(id: string, payload: ArtifactPayload, expiresInSeconds?: number): Promise<void> {
    const [route, digest, [life, end]] = [routes.ofGroup(id), digestOf(id), lifeOf('Grant', expiresInSeconds)]
    const { accountId, clientId } = payload
    await Promise.all([
      run('writeGrant', [grantKey(route, digest)], [life, end, textOf('Grant', payload), randomInt(GENERATIONS)]),
      typeof accountId === 'string' && typeof clientId === 'string'
        ? run('index', [accountKey(accountId)], [life, end, grantEntry(route, digest, clientId)])
        : undefined,
    ])
  }

  async function write(
    model: string,
    id: string,
    payload: ArtifactPayload,
    expiresInSeconds: number | undefined,
    once: boolean,
  ): Promise<number> {
    const key = keyOf(model, id)
    const args = [...lifeOf(model, expiresInSeconds), textOf(model, payload)]
    const flag = once ? '1' : '0'
    const { grantId } = payload
    if (!GRANT_MEMBERS.has(model) || grantId === undefined) return Number(await run('write', [key], [...args, flag]))
    const route = routes.ofGroup(grantId)
    if (routes.inId(id) !== route) throw new Error(`the id of ${model} does not name the route of its grant`)
    const grantDigest = digestOf(grantId)
    return Number(await run('writeMember', [key, grantKey(route, grantDigest)], [...args, grantDigest, flag]))
  }

  async function findWithGrant(model: string, id: string): Promise<Found> {
    const reply =
      model === 'Session'
        ? await run('sessionOfId', [sessionIdKey(routes.inId(id), digestOf(id))], [digestOf(id), 'find'])
        : await run('find', [keyOf(model, id)])
    const [payload, grant] = foundOf(reply)
    return payload === undefined ? [] : [{ ...payload, jti: id }, grant]
  }

  /** @returns false where its grant is gone */
  async function upsert(
    model: string,
    id: string,
    payload: ArtifactPayload,
    expiresInSeconds?: number,
  ): Promise<boolean> {
    if (model === 'Session') await writeSession(id, payload, expiresInSeconds)
    else if (model === 'Grant') await writeGrant(id, payload, expiresInSeconds)
    else return (await write(model, id, payload, expiresInSeconds, false)) !== GRANT_GONE
    return true
  }

  async function destroy(model: string, id: string): Promise<void> {
    if (model === 'Interaction') await Promise.all([run('delete', [keyOf(model, id)]), run('delete', [ticketsKey(id)])])
    else if (model !== 'Session') await run('delete', [keyOf(model, id)])
    else await run('sessionOfId', [sessionIdKey(routes.inId(id), digestOf(id))], [digestOf(id), 'end'])
  }

  return {
    async upsert(model, id, payload, expiresInSeconds) {
      await upsert(model, id, payload, expiresInSeconds)
    },

    // All are sent before the first is answered, in their order: what one server keeps it does in that order.
    async writeTogether(writes) {
      const perform = async (one: ArtifactWrite): Promise<boolean> => {
        if (one.act === 'put') return upsert(one.model, one.id, one.payload, one.expiresInSeconds)
        await destroy(one.model, one.id)
        return true
      }
      const done = await Promise.all(writes.map(perform))
      // while a slot of a Cluster moves, what belongs to a grant of the same request may have come there before it
      const grants = new Set(writes.flatMap(({ model, id }) => (model === 'Grant' ? [id] : [])))
      const early = writes.filter((one, at) => !done[at] && one.act === 'put' && grants.has(one.payload.grantId ?? ''))
      await Promise.all(early.map(perform))
    },

    insertOnce: async (model, id, payload, expiresInSeconds) =>
      (await write(model, id, payload, expiresInSeconds, true)) === 1,

    async rememberProof(id, payload, expiresInSeconds, madeAt) {
      const { key, marker } = replayKeys(id)
      const [life, end] = lifeOf('ReplayDetection', expiresInSeconds)
      return (
        (await run('remember', [key, marker], [life, end, textOf('ReplayDetection', payload), madeAt * 1000])) === 1
      )
    },

    find: async (model, id) => (await findWithGrant(model, id))[0],

    findWithGrant,

    async findSession(uid) {
      return foundOf(await run('find', [sessionKey(routes.ofGroup(uid), digestOf(uid))]))[0]
    },

    consume: async (model, id) => (await run('consume', [keyOf(model, id)])) === 1,

    destroy,

    async destroySession(uid) {
      await run('endSession', [sessionKey(routes.ofGroup(uid), digestOf(uid))])
    },

    async revokeByGrantId(grantId) {
      await run('revokeMembers', [grantKey(routes.ofGroup(grantId), digestOf(grantId))])
    },

    async revokeGrantOf(model, id) {
      const grant = await run('grantOf', [keyOf(model, id)])
      // everything of it is dead with it
      if (typeof grant === 'string') await run('delete', [grantKey(routes.inId(id), grant)])
    },

    // Redis forgets by itself
    deleteExpired: () => Promise.resolve(0),
  }
}

const FOREVER_SECONDS = 10 * 365 * 86_400

type Found = readonly [artifact?: ArtifactPayload, grant?: ArtifactPayload | undefined]

/** Of the steps `find` and `sessionOfId`: a lone text is fresh, and of no grant. */
function foundOf(reply: ScriptReply): Found {
  if (typeof reply === 'string') return [payloadOf(reply)]
  if (!Array.isArray(reply)) return []
  const [text, consumed, grant] = reply as readonly unknown[]
  const payload = payloadOf(String(text))
  return [
    consumed === 0 ? payload : { ...payload, consumed: Number(consumed) },
    typeof grant === 'string' ? payloadOf(grant) : undefined,
  ]
}
