import { describe, expect, test } from 'vitest'
import { createReaderLocks } from '../../src/card/pcsc/reader-locks.ts'
import { failByPcscCode } from '../../src/card/pcsc/fail-by-pcsc-code.ts'
import { codeOf } from '../support/card-stage.ts'

describe('attack 29: one connection for a reader', () => {
  test('a second one waits for the first, and is busy after its time', async () => {
    const locks = createReaderLocks()
    const first = await locks.take('A', 10)
    expect(await codeOf(locks.take('A', 10))).toBe('READER_BUSY')
    const waiting = locks.take('A', 5_000)
    first.free()
    const second = await waiting
    // The first is over and frees nothing any more.
    first.free()
    expect(await codeOf(locks.take('A', 10))).toBe('READER_BUSY')
    second.free()
    expect(await codeOf(locks.take('A', 10))).toBe('no failure')
  })

  test('three that wait: one after the other', async () => {
    const locks = createReaderLocks()
    const first = await locks.take('A', 10)
    const served: number[] = []
    const waiting = [1, 2, 3].map(async (number) => {
      const lock = await locks.take('A', 5_000)
      served.push(number)
      lock.free()
    })
    first.free()
    await Promise.all(waiting)
    expect(served).toEqual([1, 2, 3])
  })

  test('two abandoned calls in all: a third reader is busy without another call', async () => {
    const locks = createReaderLocks()
    const [first, second] = [await locks.take('A', 10), await locks.take('B', 10)]
    first.abandon()
    second.abandon()
    expect(await codeOf(locks.take('C', 10))).toBe('READER_BUSY')
    first.free()
    expect(await codeOf(locks.take('C', 10))).toBe('no failure')
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
