import { lookup } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { buildTranscript } from '@sekisho/protocol'
import type { AttachedCard, PrivatePcscd } from '../../../test/support/pcscd.ts'
import { startPcscd } from '../../../test/support/pcscd.ts'
import { CARD_DEADLINES } from '../src/card/card-deadlines.ts'
import { inspectCard, type InspectedCard } from '../src/card/inspect-card.ts'
import { createPcscReaders } from '../src/card/pcsc/create-pcsc-readers.ts'
import { signWithCard } from '../src/card/sign-with-card.ts'
import type { CardAccess } from '../src/card/with-card.ts'
import { createAgent, trustProviders } from '../src/index.ts'
import { ask, completionOf, submit } from './support/browse.ts'
import { startFakeProvider } from './support/fake-provider.ts'
import { holdCard } from './support/hold-card.ts'
import { issueCard, type IssuedCard } from './support/issue-card.ts'

const TRANSCRIPT = buildTranscript({ providerOrigin: 'https://op.example', nonce: 'n'.repeat(43), context: '{}' })
/** Long enough for a busy machine to begin a transaction, short enough to wait for. */
const WAITS = { settleMs: 800, busyMs: 500, againMs: 50 }

let issued: IssuedCard
let pcscd: PrivatePcscd
let card: AttachedCard
const cards = createPcscReaders(WAITS)
const access: CardAccess = {
  cards,
  deadlines: { ...CARD_DEADLINES, commandMs: 1_500 },
  monotonicMs: () => performance.now(),
}

beforeAll(async () => {
  ;[issued, pcscd] = await Promise.all([issueCard(), startPcscd()])
  Object.assign(process.env, pcscd.environment)
  card = await pcscd.attachCard({ authentication: issued })
})
afterAll(async () => {
  await cards.close()
  await pcscd.stop()
})
afterEach(async () => {
  // Whatever a test did: the service runs and an honest card lies on the reader.
  if (pcscd.pid === undefined) await pcscd.restart()
  await card.follow({})
  if (!(await card.isInserted())) await card.insert()
})

async function ready(): Promise<InspectedCard> {
  const status = await expect
    .poll(() => inspectCard(access), { timeout: 10_000 })
    .toMatchObject({ state: 'ready' })
    .then(() => inspectCard(access))
  if (status.state !== 'ready') throw new Error(`card not ready: ${JSON.stringify(status)}`)
  return status.card
}
const sign = (shown: InspectedCard, pin = '1234') =>
  signWithCard(access, { shown, pin: Buffer.from(pin), transcript: TRANSCRIPT })
const triesLeft = async () => (await card.triesLeft()).authentication

describe('through a real pcscd', () => {
  test('a whole sign-in over HTTP', async () => {
    const provider = await startFakeProvider()
    const agent = createAgent({
      cards: { ...cards, close: () => Promise.resolve() },
      trustList: trustProviders([{ issuer: provider.origin, development: true }]),
      now: () => new Date(),
      log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
      port: 0,
    })
    try {
      const { url } = await agent.listen()
      const query = new URLSearchParams({ provider: new URL(provider.origin).host, ticket: provider.issueTicket() })
      const page = await ask(`${url}/sign-in?${query.toString()}`)
      expect(page.page).toBe('pin')
      expect(page.text).toContain('Virtual PCD')
      const again = await submit(page, url, 'pin-form', { pin: '9999' })
      expect(again.text).toContain('あと2回')
      const done = await submit(again, url, 'pin-form', { pin: '1234' })
      expect(completionOf(done)).toContain(`${provider.origin}/sign-in/complete`)
      expect(await triesLeft()).toBe(3)
    } finally {
      await agent.close()
      await provider.close()
    }
  })

  test('afterwards the card has forgotten the PIN: another program cannot sign on it', async () => {
    expect((await sign(await ready())).outcome).toBe('signed')
    const connection = await cards.connect(pcscd.readers[0])
    const send = async (hex: string) => Buffer.from(await connection.transmit(Buffer.from(hex, 'hex'))).toString('hex')
    try {
      // No SELECT of the application: that alone would make the card forget. Nothing of our session must be left.
      await send('00a4020c020017')
      expect(await send(`802a0080333031300d060960864801650304020105000420${'00'.repeat(32)}00`)).not.toMatch(/9000$/)
    } finally {
      await connection.release()
    }
  })

  test('an empty second reader does not matter; a second My Number Card does', async () => {
    expect((await cards.list()).map(({ name }) => name).toSorted()).toEqual([...pcscd.readers])
    const second = await pcscd.attachCard({ authentication: issued }, { slot: 1 })
    try {
      await expect.poll(() => inspectCard(access)).toEqual({ state: 'several-cards', readerNames: pcscd.readers })
    } finally {
      await second.close()
    }
    await ready()
  })
})

/** A card pulled at every command: built/threats.test.ts. */
describe('attack 27: through a real pcscd', () => {
  test.each(['VERIFY', 'SIGN'] as const)(
    'pcscd killed while the card is at %s: said in bounded time, no try spent',
    async (name) => {
      const shown = await ready()
      await card.follow({
        rules: [{ when: name === 'VERIFY' ? { name, nth: 2 } : { name }, do: { kind: 'delay', milliseconds: 1_000 } }],
      })
      const before = (await card.log()).length
      const signing = sign(shown)
      // The commands before it have been answered: SELECT AP, SELECT, READ, SELECT, 4 READs, SELECT, tries, for SIGN also VERIFY and SELECT.
      await expect
        .poll(async () => (await card.log()).length, { interval: 10 })
        .toBeGreaterThanOrEqual(before + (name === 'VERIFY' ? 10 : 12))
      await pcscd.kill()
      expect(await signing).toMatchObject({ outcome: 'failed', code: 'READER_SERVICE_UNAVAILABLE' })
      expect(await inspectCard(access)).toMatchObject({ state: 'problem', code: 'READER_SERVICE_UNAVAILABLE' })
      expect(await triesLeft()).toBe(3)
      await pcscd.restart()
      await card.follow({})
      await card.insert()
      expect((await sign(await ready())).outcome).toBe('signed')
    },
  )

  test('pcscd killed while nobody asks: the next question says so, and the one after the restart works', async () => {
    await ready()
    await pcscd.kill()
    expect(await inspectCard(access)).toMatchObject({ state: 'problem', code: 'READER_SERVICE_UNAVAILABLE' })
    await pcscd.restart()
    await card.insert()
    await ready()
  })

  test('attack 30: a card slower than the deadline: CARD_TIMEOUT, and the reader is free once the card has come back', async () => {
    const shown = await ready()
    await card.follow({
      rules: [{ when: { name: 'READ BINARY', nth: 2 }, do: { kind: 'delay', milliseconds: 2_500 } }],
    })
    expect(await sign(shown)).toMatchObject({ outcome: 'failed', code: 'CARD_TIMEOUT' })
    expect(await triesLeft()).toBe(3)
    expect((await sign(await ready())).outcome).toBe('signed')
  })
})

describe('attack 29: another program', () => {
  test.each(['transaction', 'exclusive'] as const)(
    'holds the card (%s): READER_BUSY in bounded time, no deadlock afterwards',
    async (hold) => {
      const shown = await ready()
      {
        await using _other = await holdCard(pcscd.readers[0], hold)
        expect(await inspectCard(access)).toMatchObject({ state: 'problem', code: 'READER_BUSY' })
        expect(await sign(shown)).toMatchObject({ outcome: 'failed', code: 'READER_BUSY' })
      }
      expect(await triesLeft()).toBe(3)
      expect((await sign(await ready())).outcome).toBe('signed')
    },
  )

  test('holds the card while we are asked again and again: files can still be read, names still be found', async () => {
    await ready()
    {
      await using _other = await holdCard(pcscd.readers[0], 'transaction')
      const statuses = await Promise.all(Array.from({ length: 8 }, () => inspectCard(access)))
      expect(new Set(statuses.map((status) => 'code' in status && status.code))).toEqual(new Set(['READER_BUSY']))
      // Both take a thread of the pool in which PC/SC calls wait.
      expect((await readFile(new URL(import.meta.url))).length).toBeGreaterThan(0)
      expect((await lookup('localhost')).address).toBeTruthy()
    }
    await ready()
  })

  test('has the card open and does nothing: it is not in the way', async () => {
    await using _other = await holdCard(pcscd.readers[0], 'shared')
    expect((await sign(await ready())).outcome).toBe('signed')
  })
})
