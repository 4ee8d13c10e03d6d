import { describe, expect, test } from 'vitest'
import { createLateWork } from '../../src/card/pcsc/late-work.ts'
import { failByPcscCode } from '../../src/card/pcsc/fail-by-pcsc-code.ts'
import { codeOf } from '../support/card-stage.ts'

describe('attack 29: calls that wait for another program', () => {
  test('a reader with one is busy until it has come back', async () => {
    const late = createLateWork()
    const { promise, resolve } = Promise.withResolvers<undefined>()
    late.add('A', promise)
    expect(await codeOf(late.over('A', 10))).toBe('READER_BUSY')
    const waiting = codeOf(late.over('A', 5_000))
    resolve(undefined)
    expect(await waiting).toBe('no failure')
    expect(await codeOf(late.over('A', 10))).toBe('no failure')
  })

  test('one that fails is over too', async () => {
    const late = createLateWork()
    late.add('A', Promise.reject(new Error('gone')))
    expect(await codeOf(late.over('A', 1_000))).toBe('no failure')
  })

  test('two in all: a third reader is busy without a call', async () => {
    const late = createLateWork()
    const never = new Promise<never>(() => undefined)
    late.add('A', never)
    expect(await codeOf(late.over('B', 10))).toBe('no failure')
    late.add('B', never)
    expect(await codeOf(late.over('C', 10))).toBe('READER_BUSY')
  })
})

describe('PC/SC errors as failure codes', () => {
  test.each([
    ['NoService', 'READER_SERVICE_UNAVAILABLE', 'READER_SERVICE_UNAVAILABLE'],
    ['CommError', 'READER_SERVICE_UNAVAILABLE', 'READER_SERVICE_UNAVAILABLE'],
    ['InvalidHandle', 'READER_SERVICE_UNAVAILABLE', 'READER_SERVICE_UNAVAILABLE'],
    ['UnknownReader', 'READER_REMOVED', 'READER_REMOVED'],
    ['SharingViolation', 'READER_BUSY', 'READER_BUSY'],
    ['NoSmartCard', 'CARD_NOT_FOUND', 'CARD_REMOVED'],
    ['RemovedCard', 'CARD_NOT_FOUND', 'CARD_REMOVED'],
    ['UnresponsiveCard', 'CARD_UNSUPPORTED', 'CARD_REMOVED'],
    ['NotTransacted', 'CARD_REMOVED', 'CARD_REMOVED'],
    ['ProtoMismatch', 'CARD_UNSUPPORTED', 'CARD_UNSUPPORTED'],
    ['InvalidParameter', 'CARD_PROTOCOL_ERROR', 'CARD_PROTOCOL_ERROR'],
    ['Timeout', 'CARD_TIMEOUT', 'CARD_TIMEOUT'],
    ['SomethingNew', 'AGENT_FAILED', 'AGENT_FAILED'],
  ])('%s: %s while connecting, %s in a session', (code, connecting, inSession) => {
    const error = Object.assign(new Error('as pcsc-mini throws it'), { code })
    expect(failByPcscCode(error, 'connect').code).toBe(connecting)
    expect(failByPcscCode(error, 'session').code).toBe(inSession)
    expect(failByPcscCode('no error at all', 'connect').code).toBe('AGENT_FAILED')
  })
})
