import { Provider, type KoaContextWithOIDC } from 'oidc-provider'
import type { ArtifactStore, ArtifactWrite } from './artifact-store.ts'

/** Where a browser or a client is handed something new; everywhere else each write is waited for where it is made. */
const GATHERING = /^\/(?:auth(?:\/[\w-]+)?|token)$/

export interface RequestWrites {
  /** The same store, as oidc-provider's models are given it. */
  readonly artifacts: ArtifactStore
  /** The last thing around the library's own routes. */
  readonly send: (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void>
}

/**
 * What one request writes goes to the store together, and is waited for once, before anything of the answer leaves (docs/adr/0019): the
 * library waits for each of its records before it makes the next. A request that reads, takes or ends something first sends what it has,
 * so it sees what it wrote. A write that fails fails the request; what had been prepared of its answer is thrown away (answer-faults.ts).
 */
export function createRequestWrites(store: ArtifactStore): RequestWrites {
  const gathered = new WeakMap<KoaContextWithOIDC, ArtifactWrite[]>()

  const send = async (ctx: KoaContextWithOIDC | undefined): Promise<void> => {
    const writes = ctx === undefined ? undefined : gathered.get(ctx)
    if (writes === undefined || writes.length === 0) return
    await store.writeTogether(writes.splice(0))
  }
  const gather = (write: ArtifactWrite): Promise<void> | undefined => {
    const writes = Provider.ctx === undefined ? undefined : gathered.get(Provider.ctx)
    if (writes === undefined) return undefined
    writes.push(write)
    return Promise.resolve()
  }
  /** After what this request has written so far. */
  const after = async <Result>(act: () => Promise<Result>): Promise<Result> => {
    await send(Provider.ctx)
    return act()
  }

  return {
    artifacts: {
      upsert: (model, id, payload, expiresInSeconds) =>
        gather({ act: 'put', model, id, payload, expiresInSeconds }) ??
        store.upsert(model, id, payload, expiresInSeconds),
      destroy: (model, id) => gather({ act: 'destroy', model, id }) ?? store.destroy(model, id),
      writeTogether: (writes) => after(() => store.writeTogether(writes)),
      insertOnce: (...write) => after(() => store.insertOnce(...write)),
      rememberProof: (...proof) => after(() => store.rememberProof(...proof)),
      find: (model, id) => after(() => store.find(model, id)),
      findWithGrant: (model, id) => after(() => store.findWithGrant(model, id)),
      findSession: (uid) => after(() => store.findSession(uid)),
      consume: (model, id) => after(() => store.consume(model, id)),
      revokeByGrantId: (grantId) => after(() => store.revokeByGrantId(grantId)),
      revokeGrantOf: (model, id) => after(() => store.revokeGrantOf(model, id)),
    },

    async send(ctx, next) {
      if (!GATHERING.test(ctx.path)) {
        await next()
        return
      }
      gathered.set(ctx, [])
      const outcome = await next().then(
        () => undefined,
        (fault: unknown) => ({ fault }),
      )
      await send(ctx).catch((fault: unknown) => {
        // nor does a browser get a cookie for what may not be there
        ctx.res.removeHeader('Set-Cookie')
        throw fault
      })
      gathered.delete(ctx)
      if (outcome !== undefined) throw outcome.fault
    },
  }
}
