import { createSecretKey, hash, randomBytes, type KeyObject } from 'node:crypto'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { open, seal } from '../sealing/seal.ts'
import type { ArtifactStore } from './artifact-store.ts'
import { routeInId } from './route-ids.ts'

/** For so long after a refresh token was used, the same answer may be asked for again: it may have been lost (docs/adr/0012). */
export const GRACE_SECONDS = 10
/** Longer than the grace, so that it never decides by itself. */
const RECORD_SECONDS = 60
const MODEL = 'RefreshSuccessor'

export interface RefreshSuccession {
  /** Draws the successor of a refresh token; of many who ask at once, and of all who ask again, each gets the same. */
  claim(id: string): Promise<string>
  /** Whether a use of a used token is one that asks for a lost answer again. @param consumedAt seconds */
  isRetry(id: string, consumedAt: number): Promise<boolean>
  /** The token made next in this request gets this id. */
  appoint(ctx: KoaContextWithOIDC, successor: string): void
  appointed(ctx: KoaContextWithOIDC | undefined): string | undefined
}

/**
 * Every refresh token has at most one successor, so a family never splits in two. The successor is written down sealed with a key
 * that is made of its predecessor: whoever has only the database can open neither.
 */
export function createRefreshSuccession({
  artifacts,
  now,
}: {
  readonly artifacts: Pick<ArtifactStore, 'insertOnce' | 'find'>
  readonly now: () => Date
}): RefreshSuccession {
  const successors = new WeakMap<KoaContextWithOIDC, string>()
  const find = async (id: string): Promise<string | undefined> => {
    const box = (await artifacts.find(MODEL, id))?.['box']
    return typeof box === 'string' ? open(keyOf(id), MODEL, Buffer.from(box, 'base64url')).toString('utf8') : undefined
  }

  return {
    async claim(id) {
      // of the same grant, and so in the same place
      const candidate = `${routeInId(id)}${randomBytes(32).toString('base64url')}`
      const box = seal(keyOf(id), MODEL, Buffer.from(candidate)).toString('base64url')
      if (await artifacts.insertOnce(MODEL, id, { box }, RECORD_SECONDS)) return candidate
      const standing = await find(id)
      if (standing === undefined) throw new Error('a refresh token whose successor is gone')
      return standing
    },

    async isRetry(id, consumedAt) {
      if (now().getTime() / 1000 - consumedAt >= GRACE_SECONDS) return false
      const successor = await find(id)
      if (successor === undefined) return false
      // once the successor was used, its answer was not lost
      return (await artifacts.find('RefreshToken', `${REFRESH_TOKEN_PREFIX}${successor}`))?.consumed === undefined
    },

    appoint: (ctx, successor) => {
      successors.set(ctx, successor)
    },
    appointed: (ctx) => ctx && successors.get(ctx),
  }
}

export const REFRESH_TOKEN_PREFIX = 'skrt_'

function keyOf(id: string): KeyObject {
  return createSecretKey(hash('sha256', `sekisho refresh successor\0${id}`, 'buffer'))
}
