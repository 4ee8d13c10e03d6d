import type { IssuedCertificate, VirtualJpki } from '@sekisho/virtual-jpki'
import { beforeAll, describe, expect, test } from 'vitest'
import type { TrustAnchors } from '../../../src/certificate/anchor/trust-anchor.ts'
import { breakCircuit } from '../../../src/certificate/revocation/break-circuit.ts'
import { cacheAnswers } from '../../../src/certificate/revocation/cache-answers.ts'
import { createNoRevocationSource } from '../../../src/certificate/revocation/no-revocation-source.ts'
import { orderSources } from '../../../src/certificate/revocation/order-sources.ts'
import { rememberRevoked } from '../../../src/certificate/revocation/remember-revoked.ts'
import type {
  RevocationAnswer,
  RevocationQuestion,
  RevocationSource,
  SourceStatus,
} from '../../../src/certificate/revocation/revocation-source.ts'
import { UNAVAILABLE_CAUSES } from '../../../src/certificate/revocation/unavailable-cause.ts'
import { ERROR_REGISTRY } from '../../../src/error-registry/registry.ts'
import { A_DAY, anchorsOf, judgeResponse, openJpki, outcomeOf } from '../../support/certificate/court.ts'
import { questionAbout, statusOf } from '../../support/certificate/question.ts'

const MINUTE_MS = 60_000

const good: SourceStatus = { status: 'good' }
const unknown: SourceStatus = { status: 'unknown' }
const revoked: SourceStatus = { status: 'revoked', at: A_DAY, reason: 'keyCompromise' }
const timedOut: SourceStatus = { status: 'unavailable', cause: 'source-timed-out' }
const unauthorized: SourceStatus = { status: 'unavailable', cause: 'ocsp-unauthorized' }

/** A clock that is set by hand. */
function createClock(): { now: () => Date; advance(ms: number): void } {
  let ms = A_DAY.getTime()
  return {
    now: () => new Date(ms),
    advance(by) {
      ms += by
    },
  }
}

interface ScriptedSource extends RevocationSource {
  readonly asked: number
}

/** Says what the script says, one after the other, the last for ever; and counts. */
function scripted(
  script: readonly SourceStatus[],
  options: { name?: string; validMs?: number; now?: () => Date } = {},
): ScriptedSource {
  const { name = 'scripted', validMs = 15 * MINUTE_MS, now = () => A_DAY } = options
  let asked = 0
  return {
    method: 'ocsp',
    name,
    get asked() {
      return asked
    },
    async check(): Promise<RevocationAnswer> {
      const status = script[Math.min(asked, script.length - 1)]!
      asked += 1
      return {
        ...status,
        method: 'ocsp',
        source: name,
        checkedAt: now(),
        validUntil: new Date(now().getTime() + validMs),
      }
    },
  }
}

let jpki: VirtualJpki
let anchors: TrustAnchors
let issued: IssuedCertificate
let question: RevocationQuestion
let another: RevocationQuestion

beforeAll(async () => {
  jpki = await openJpki()
  anchors = anchorsOf(jpki)
  issued = await jpki.issueAuthenticationCertificate({ label: 'wrapped' })
  question = questionAbout(issued, anchors)
  another = questionAbout(await jpki.issueAuthenticationCertificate({ label: 'another' }), anchors)
})

describe('order: the next is asked only when there is no answer', () => {
  test.each([
    [good, 'good'],
    [unknown, 'unknown'],
    [revoked, 'revoked'],
  ])('%j is an answer', async (status, outcome) => {
    const second = scripted([good])
    expect(statusOf(await orderSources([scripted([status]), second]).check(question))).toBe(outcome)
    expect(second.asked).toBe(0)
  })

  test('unavailable is none', async () => {
    const second = scripted([revoked], { name: 'second' })
    const answer = await orderSources([scripted([timedOut]), second]).check(question)
    expect(answer).toMatchObject({ status: 'revoked', source: 'second' })
  })

  test('when nobody knows, the first says why', async () => {
    const sources = [scripted([timedOut], { name: 'first' }), scripted([unauthorized], { name: 'second' })]
    expect(await orderSources(sources).check(question)).toMatchObject({ cause: 'source-timed-out', source: 'first' })
  })

  test('no source at all is a mistake: "none" has to be named', () => {
    expect(() => orderSources([])).toThrow(RangeError)
  })
})

describe('cache', () => {
  test('a good answer is asked for once until the ceiling, then again', async () => {
    const { now, advance } = createClock()
    const source = scripted([good], { now })
    const cached = cacheAnswers(source, { now, ceilingMs: 5 * MINUTE_MS })
    await cached.check(question)
    advance(5 * MINUTE_MS - 1)
    await cached.check(question)
    expect(source.asked).toBe(1)
    advance(1)
    await cached.check(question)
    expect(source.asked).toBe(2)
  })

  test('nextUpdate comes before the ceiling', async () => {
    const { now, advance } = createClock()
    const source = scripted([good], { now, validMs: MINUTE_MS })
    const cached = cacheAnswers(source, { now, ceilingMs: 5 * MINUTE_MS })
    await cached.check(question)
    advance(MINUTE_MS)
    await cached.check(question)
    expect(source.asked).toBe(2)
  })

  test('attack 32: a revocation is noticed at the ceiling at the latest', async () => {
    const { now, advance } = createClock()
    const cached = cacheAnswers(scripted([good, revoked], { now }), { now, ceilingMs: 5 * MINUTE_MS })
    expect(statusOf(await cached.check(question))).toBe('good')
    advance(5 * MINUTE_MS)
    expect(statusOf(await cached.check(question))).toBe('revoked')
  })

  test('an answer for one certificate is not given for another', async () => {
    const source = scripted([good, revoked])
    const cached = cacheAnswers(source, { now: () => A_DAY, ceilingMs: MINUTE_MS })
    expect(statusOf(await cached.check(question))).toBe('good')
    expect(statusOf(await cached.check(another))).toBe('revoked')
  })

  test.each([[unknown], [timedOut]])('%j is not kept', async (status) => {
    const source = scripted([status, good])
    const cached = cacheAnswers(source, { now: () => A_DAY, ceilingMs: MINUTE_MS })
    await cached.check(question)
    expect(statusOf(await cached.check(question))).toBe('good')
  })

  test('64 log-ins of one card at a time ask once', async () => {
    const source = scripted([good])
    const cached = cacheAnswers(source, { now: () => A_DAY, ceilingMs: MINUTE_MS })
    const answers = await Promise.all(Array.from({ length: 64 }, () => cached.check(question)))
    expect(answers.every(({ status }) => status === 'good')).toBe(true)
    expect(source.asked).toBe(1)
  })

  test('is bounded: the oldest goes', async () => {
    const source = scripted([good])
    const cached = cacheAnswers(source, { now: () => A_DAY, ceilingMs: MINUTE_MS, capacity: 1 })
    await cached.check(question)
    await cached.check(another)
    await cached.check(question)
    expect(source.asked).toBe(3)
  })
})

describe('attack 32: once revoked, always revoked', () => {
  test.each([[good], [unknown], [timedOut]])('%j after it changes nothing', async (later) => {
    const source = scripted([revoked, later])
    const remembered = rememberRevoked(source)
    expect(statusOf(await remembered.check(question))).toBe('revoked')
    expect(statusOf(await remembered.check(question))).toBe('revoked')
    expect(source.asked).toBe(1)
  })

  test('and nothing of another certificate', async () => {
    const remembered = rememberRevoked(scripted([revoked, good]))
    await remembered.check(question)
    expect(statusOf(await remembered.check(another))).toBe('good')
  })
})

describe('breaker', () => {
  const options = { failures: 3, pauseMs: MINUTE_MS }

  test('after failures in a row the source is left alone, then tried once', async () => {
    const { now, advance } = createClock()
    const source = scripted([timedOut, timedOut, timedOut, timedOut, good], { now })
    const guarded = breakCircuit(source, { now, ...options })
    for (let i = 0; i < 3; i++) expect(statusOf(await guarded.check(question))).toBe('source-timed-out')
    expect(statusOf(await guarded.check(question))).toBe('source-paused')
    expect(source.asked).toBe(3)
    advance(MINUTE_MS)
    const tried = await Promise.all([guarded.check(question), guarded.check(question)])
    expect(tried.map(statusOf)).toEqual(['source-timed-out', 'source-paused'])
    expect(statusOf(await guarded.check(question))).toBe('source-paused')
    advance(MINUTE_MS)
    expect(statusOf(await guarded.check(question))).toBe('good')
    expect(statusOf(await guarded.check(question))).toBe('good')
  })

  test('what speaks against one certificate only does not count: its holder cannot shut out others', async () => {
    const source = scripted([unauthorized])
    const guarded = breakCircuit(source, { now: () => A_DAY, ...options })
    for (let i = 0; i < 10; i++) expect(statusOf(await guarded.check(question))).toBe('ocsp-unauthorized')
    expect(source.asked).toBe(10)
  })

  test('one answer between failures starts the count again', async () => {
    const source = scripted([timedOut, timedOut, good, timedOut, timedOut, good])
    const guarded = breakCircuit(source, { now: () => A_DAY, ...options })
    for (let i = 0; i < 6; i++) await guarded.check(question)
    expect(source.asked).toBe(6)
  })

  test('a paused source lets the next one answer', async () => {
    const first = breakCircuit(scripted([timedOut]), { now: () => A_DAY, failures: 1, pauseMs: MINUTE_MS })
    const sources = orderSources([first, scripted([good], { name: 'second' })])
    await sources.check(question)
    expect(await sources.check(question)).toMatchObject({ status: 'good', source: 'second' })
  })
})

describe('none', () => {
  const none = createNoRevocationSource({ now: () => A_DAY })

  test('refuses where good is required, and says so openly where it is not', async () => {
    expect(outcomeOf(await judgeResponse(issued, { anchors, revocation: none }))).toBe('REV_NOT_CONFIGURED')
    const judgement = await judgeResponse(
      issued,
      { anchors, revocation: none },
      { revocationPolicy: 'allow-unchecked' },
    )
    expect(judgement).toMatchObject({
      verdict: 'unchecked',
      revocation: { status: 'unavailable', cause: 'not-configured', method: 'none', source: 'none' },
    })
  })
})

test('every cause has a code of its own in the registry, named after it', () => {
  for (const [cause, { code }] of Object.entries(UNAVAILABLE_CAUSES)) {
    expect(code).toBe(`REV_${cause.toUpperCase().replaceAll('-', '_')}`)
    expect(ERROR_REGISTRY[code].status).toBe(503)
  }
})
