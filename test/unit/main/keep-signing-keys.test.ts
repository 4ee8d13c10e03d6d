import { beforeEach, describe, expect, test } from 'vitest'
import { keepSigningKeys } from '../../../src/main/keep-signing-keys.ts'
import type { KeyMove } from '../../../src/signing-key/signing-key-store.ts'
import type { PrivateJwks } from '../../../src/signing-key/load-signing-keys.ts'
import { pollUntil } from '../../support/poll-until.ts'

const jwks = (...kids: string[]): PrivateJwks => ({ keys: kids.map((kid) => ({ kid, kty: 'EC' })) })

let stored: PrivateJwks | Error
let due: KeyMove[]
let exchanged: string[][]
let refusesExchange: boolean
let logged: string[]
let tell: () => void
let loads: number

beforeEach(() => {
  stored = jwks('old')
  due = []
  exchanged = []
  refusesExchange = false
  logged = []
  loads = 0
})

const keep = () =>
  keepSigningKeys({
    rotation: { runSchedule: () => Promise.resolve(due.splice(0)) },
    load: () => {
      loads += 1
      return stored instanceof Error ? Promise.reject(stored) : Promise.resolve(stored)
    },
    loaded: jwks('old'),
    exchange: ({ keys }) => {
      if (refusesExchange) throw new Error('no provider can be made of these')
      exchanged.push(keys.map(({ kid }) => kid ?? ''))
    },
    onChange: (listener) => {
      tell = listener
    },
    log: {
      info: (_about: unknown, message?: string) => logged.push(`info ${message}`),
      error: (_about: unknown, message?: string) => logged.push(`error ${message}`),
    } as never,
  })

describe('the keys stand as they were', () => {
  test('while nothing changed, whatever is told', async () => {
    const keeping = keep()
    tell()
    tell()
    await pollUntil(() => loads === 3)
    await keeping.stop()
    expect([exchanged, logged]).toEqual([[], []])
  })

  test('while they cannot be read; the next notice finds them', async () => {
    stored = new Error('the database is away')
    const keeping = keep()
    await pollUntil(() => logged.length === 1)
    expect([exchanged, logged[0]]).toEqual([[], expect.stringContaining('error')])
    stored = jwks('new', 'old')
    tell()
    await pollUntil(() => exchanged.length === 1)
    await keeping.stop()
    expect(exchanged).toEqual([['new', 'old']])
  })

  test('when a provider cannot be made of the new ones; it is tried again', async () => {
    refusesExchange = true
    stored = jwks('new', 'old')
    const keeping = keep()
    await pollUntil(() => logged.some((line) => line.startsWith('error')))
    refusesExchange = false
    tell()
    await pollUntil(() => exchanged.length === 1)
    await keeping.stop()
    expect(exchanged).toEqual([['new', 'old']])
  })

  test('once it was stopped', async () => {
    const keeping = keep()
    await keeping.stop()
    const before = loads
    stored = jwks('new')
    tell()
    await keeping.stop()
    expect([exchanged, loads]).toEqual([[], before])
  })
})

describe('other keys are put to use', () => {
  test('when the schedule moved one at the start', async () => {
    due = [{ move: 'published', kid: 'new', algorithm: 'ES256' }]
    stored = jwks('old', 'new')
    const keeping = keep()
    await pollUntil(() => exchanged.length === 1)
    await keeping.stop()
    expect(logged).toEqual(['info a signing key moved on', 'info other signing keys are in use'])
  })

  test('when another one of the same keys signs', async () => {
    stored = jwks('old')
    const keeping = keep()
    await pollUntil(() => loads === 1)
    stored = jwks('new', 'old')
    tell()
    await pollUntil(() => exchanged.length === 1)
    stored = jwks('old', 'new')
    tell()
    await pollUntil(() => exchanged.length === 2)
    await keeping.stop()
    expect(exchanged.at(-1)).toEqual(['old', 'new'])
  })
})
