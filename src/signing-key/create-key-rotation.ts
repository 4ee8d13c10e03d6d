import type { Sealer } from '../sealing/create-sealer.ts'
import { createSigningKey, sealingPurpose } from './create-signing-key.ts'
import { activeKeyOf, planRotation, successorOf, type RotationPolicy, type RotationStep } from './plan-rotation.ts'
import { activated, erased, retired, SigningKeyRefused } from './signing-key-states.ts'
import type {
  KeyMove,
  SigningAlgorithm,
  SigningKeyStore,
  SigningKeyTable,
  StoredSigningKey,
} from './signing-key-store.ts'

export interface KeyRotationDependencies {
  readonly store: SigningKeyStore
  readonly sealer: Sealer
  readonly policy: RotationPolicy
  readonly now: () => Date
}

/**
 * Everything that happens to signing keys after the first start; each call is one transaction that no other process interrupts, and the
 * audit log is told in it.
 */
export interface KeyRotation {
  /** Does what is due. Of several processes that call it at once one does it; the others return with nothing. */
  runSchedule(): Promise<readonly KeyMove[]>
  /** Publishes the next key, or brings its activation forward: after the time that sites need to see it, not at the end of the period. */
  publishNext(algorithm: SigningAlgorithm): Promise<readonly KeyMove[]>
  /**
   * Lets a published key sign at once, or a retired one again (rollback), and retires the one that signed.
   *
   * @throws SigningKeyRefused
   */
  activate(kid: string): Promise<readonly KeyMove[]>
  /**
   * Takes a key out of use. When it is the one that signs, its successor signs at once; there may be none yet: then one is made.
   *
   * @param options.compromised out of the JWKS at once: whatever it signed is not believed any more
   * @throws SigningKeyRefused
   */
  retire(kid: string, options: { readonly compromised: boolean }): Promise<readonly KeyMove[]>
  /**
   * Seals every private key anew that was sealed with an older key encryption key.
   *
   * @returns how many
   * @throws SigningKeyRefused when one opens with none; then all stay as they were
   */
  reseal(): Promise<{ readonly resealed: number; readonly current: number }>
}

export function createKeyRotation({ store, sealer, policy, now }: KeyRotationDependencies): KeyRotation {
  const keyBeforehand = (algorithm: SigningAlgorithm, activatesAt: Date): Promise<StoredSigningKey> =>
    createSigningKey(algorithm, { sealer, now: now(), activatesAt })

  const moving = (work: (table: SigningKeyTable) => Promise<readonly KeyMove[]>): Promise<readonly KeyMove[]> =>
    store.exclusively(async (table) => recorded(table, await work(table)))

  return {
    async runSchedule() {
      const due = planRotation(await store.list(), now(), policy)
      if (due.length === 0) return []
      // made before the transaction begins: an RSA key takes a while
      const made = await Promise.all(due.map((step) => madeFor(step, keyBeforehand)))
      const moves = await store.tryExclusively(async (table) => {
        const still = planRotation(await table.list(), now(), policy)
        const done: KeyMove[] = []
        for (const step of still) done.push(...(await take(table, step, made)))
        return recorded(table, done)
      })
      return moves ?? []
    },

    async publishNext(algorithm) {
      const activatesAt = new Date(now().getTime() + policy.publishAheadMs)
      const made = await keyBeforehand(algorithm, activatesAt)
      return moving(async (table) => {
        const known = successorOf(await table.list(), algorithm)
        if (known === undefined) {
          await table.insert(made)
          return [moveOf('published', made)]
        }
        const soonest = new Date(Math.max(known.publishedAt.getTime() + policy.publishAheadMs, now().getTime()))
        if (known.activatesAt === undefined || soonest < known.activatesAt) {
          await table.update({ ...known, activatesAt: soonest })
        }
        return []
      })
    },

    activate: (kid) =>
      moving(async (table) => {
        const key = await findKey(table, kid)
        return exchangeActive(table, key)
      }),

    async retire(kid, { compromised }) {
      const { algorithm } = await findKey(store, kid)
      const made = await keyBeforehand(algorithm, now())
      return moving(async (table) => {
        const key = await findKey(table, kid)
        const until = compromised ? now() : undefined
        if (key.state === 'active') {
          const successor = successorOf(await table.list(), algorithm)
          if (successor !== undefined) return exchangeActive(table, successor, until)
          const moves = await retireKey(table, key, until)
          await table.insert(made)
          return [...moves, moveOf('published', made), moveOf('activated', made)]
        }
        if (key.state === 'retired' && compromised) {
          await table.update({ ...key, publishedUntil: now() })
          return []
        }
        // what never signed anything is missed by nobody
        return retireKey(table, key, key.state === 'published' ? now() : until)
      })
    },

    reseal: () =>
      store.exclusively(async (table) => {
        const keys = (await table.list()).flatMap(({ sealedPrivateJwk, ...key }) =>
          sealedPrivateJwk === undefined ? [] : [{ ...key, sealedPrivateJwk }],
        )
        const older = keys.filter((key) => !sealer.isCurrent(sealingPurpose(key.kid), key.sealedPrivateJwk))
        for (const key of older) {
          const purpose = sealingPurpose(key.kid)
          const sealedPrivateJwk = sealer.seal(purpose, openKey(sealer, key.kid, key.sealedPrivateJwk))
          await table.update({ ...key, sealedPrivateJwk })
        }
        return { resealed: older.length, current: keys.length - older.length }
      }),
  }

  async function take(
    table: SigningKeyTable,
    step: RotationStep,
    made: readonly (StoredSigningKey | undefined)[],
  ): Promise<KeyMove[]> {
    switch (step.step) {
      case 'publish': {
        const key = made.find((one) => one?.algorithm === step.algorithm)
        // planned only a moment ago: the next run makes it
        if (key === undefined) return []
        await table.insert(key)
        return [moveOf('published', key)]
      }
      case 'activate':
        return exchangeActive(table, step.key)
      case 'erase':
        await table.update(erased(step.key))
        return [moveOf('erased', step.key)]
    }
  }

  /** First the one retires, then the other signs: the table itself refuses two that sign. */
  async function exchangeActive(table: SigningKeyTable, key: StoredSigningKey, until?: Date): Promise<KeyMove[]> {
    const next = activated(key, now())
    const active = activeKeyOf(await table.list(), key.algorithm)
    const moves = active === undefined ? [] : await retireKey(table, active, until)
    await table.update(next)
    return [...moves, moveOf('activated', next)]
  }

  async function retireKey(table: SigningKeyTable, key: StoredSigningKey, until?: Date): Promise<KeyMove[]> {
    await table.update(retired(key, now(), until ?? new Date(now().getTime() + policy.keepRetiredMs)))
    return [moveOf('retired', key)]
  }
}

async function recorded(table: SigningKeyTable, moves: readonly KeyMove[]): Promise<readonly KeyMove[]> {
  await table.record(moves)
  return moves
}

function openKey(sealer: Sealer, kid: string, box: Uint8Array): Buffer {
  try {
    return sealer.open(sealingPurpose(kid), box)
  } catch {
    throw new SigningKeyRefused(`key ${kid} opens with none of KEY_ENCRYPTION_KEY: is an older one missing?`)
  }
}

async function madeFor(
  step: RotationStep,
  make: (algorithm: SigningAlgorithm, activatesAt: Date) => Promise<StoredSigningKey>,
): Promise<StoredSigningKey | undefined> {
  return step.step === 'publish' ? make(step.algorithm, step.activatesAt) : undefined
}

async function findKey({ list }: Pick<SigningKeyTable, 'list'>, kid: string): Promise<StoredSigningKey> {
  const key = (await list()).find((one) => one.kid === kid)
  if (key === undefined) throw new SigningKeyRefused(`there is no key ${kid}`)
  return key
}

function moveOf(move: KeyMove['move'], { kid, algorithm }: StoredSigningKey): KeyMove {
  return { move, kid, algorithm }
}
