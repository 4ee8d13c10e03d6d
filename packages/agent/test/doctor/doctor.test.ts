import { X509Certificate } from 'node:crypto'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { beforeAll, afterEach, describe, expect, test } from 'vitest'
import { createVirtualCard } from '@sekisho/virtual-card'
import { examine } from '../../src/doctor/examine.ts'
import type { Finding } from '../../src/doctor/finding.ts'
import { writeReport } from '../../src/doctor/write-report.ts'
import { createDispatcher } from '../../src/provider/request-json.ts'
import { translator } from '../../src/text/translate.ts'
import { trustProviders } from '../../src/trust-list/trust-list.ts'
import { layCard, type CardStage } from '../support/card-stage.ts'
import { sendJson, startFakeProvider, type FakeProvider } from '../support/fake-provider.ts'
import { issueCard, type IssuedCard } from '../support/issue-card.ts'

const DAY = 86_400_000
let issued: IssuedCard
let provider: FakeProvider | undefined

beforeAll(async () => {
  issued = await issueCard()
})
afterEach(async () => {
  await provider?.close()
  provider = undefined
})

async function run(stage: CardStage, { now = new Date(), trusted = [] as string[] } = {}): Promise<readonly Finding[]> {
  const dispatcher = createDispatcher(1_000)
  const trustList = trustProviders(trusted.map((issuer) => ({ issuer, development: true })))
  try {
    return await examine({ access: stage.access, trustList, dispatcher, now: () => now })
  } finally {
    await dispatcher.close()
  }
}

/** `step: CODE` of each finding of the card's steps. */
async function cardCodes(stage: CardStage, now?: Date): Promise<string[]> {
  const findings = await run(stage, now === undefined ? {} : { now })
  return findings.slice(0, 7).map(({ step, code }) => `${step}: ${code}`)
}

const OK = ['service: OK', 'reader: OK', 'card: OK', 'application: OK', 'certificate: OK', 'validity: OK', 'pin: OK']
/** The steps as they are when the nth fails with this code and the rest is not checked. */
const failingAt = (nth: number, code: string) =>
  OK.map((line, index) => (index < nth ? line : line.replace('OK', index === nth ? code : 'NOT_CHECKED')))

describe('the card’s steps', () => {
  test('all well', async () => {
    expect(await cardCodes(layCard(issued))).toEqual(OK)
  })

  test.each<[string, (stage: CardStage) => CardStage['access'], string[]]>([
    [
      'no reader',
      ({ access, readers }) => ({ ...access, cards: { ...readers, list: () => Promise.resolve([]) } }),
      failingAt(1, 'READER_NOT_FOUND'),
    ],
    [
      'a service that does not answer',
      ({ access, readers }) => ({
        ...access,
        deadlines: { ...access.deadlines, connectMs: 20 },
        cards: { ...readers, list: () => new Promise<never>(() => undefined) },
      }),
      failingAt(0, 'READER_SERVICE_UNAVAILABLE'),
    ],
    ['no card', ({ access, readers }) => (readers.remove(), access), failingAt(2, 'CARD_NOT_FOUND')],
    [
      'a foreign card',
      ({ access, readers }) => (
        readers.insert({ transmit: () => Buffer.from('6a82', 'hex'), reset: () => undefined }),
        access
      ),
      failingAt(3, 'CARD_UNSUPPORTED'),
    ],
    [
      'no certificate',
      ({ access, onReader }) => (onReader.follow({ files: { '000A': null } }), access),
      failingAt(4, 'CARD_NO_CERTIFICATE'),
    ],
  ])('%s', async (_what, disturb, codes) => {
    const stage = layCard(issued)
    expect(await cardCodes({ ...stage, access: disturb(stage) })).toEqual(codes)
  })

  test('a telephone: its certificate is not shown before the PIN, which is no fault', async () => {
    const codes = await cardCodes(layCard(issued, { label: 'JPKIAPGPSETOKEN' }))
    expect(codes).toEqual(OK.with(4, 'certificate: NEEDS_PIN').with(5, 'validity: NEEDS_PIN'))
  })

  test('two My Number Cards', async () => {
    const stage = layCard(issued)
    stage.readers.insert(createVirtualCard({ authentication: issued }), 'Another')
    expect(await cardCodes(stage)).toEqual(failingAt(3, 'SEVERAL_CARDS'))
  })

  test.each([
    [0, 'PIN_BLOCKED'],
    [1, 'PIN_LAST_TRY'],
    [2, 'OK'],
  ])('%i tries left: %s, and still as many', async (triesLeft, code) => {
    const stage = layCard(issued, { triesLeft })
    expect(await cardCodes(stage)).toEqual(failingAt(6, code))
    expect(stage.card.triesLeft('authentication')).toBe(triesLeft)
  })

  test.each([
    ['CERT_EXPIRED', 365 * DAY],
    ['CERT_NOT_YET_VALID', -365 * DAY],
  ])('%s', async (code, off) => {
    expect(await cardCodes(layCard(issued), new Date(Date.now() + off))).toEqual(OK.with(5, `validity: ${code}`))
  })
})

const toPem = ({ certificateDer }: IssuedCard) => new X509Certificate(certificateDer).toString()

describe('clock and provider', () => {
  const last = (findings: readonly Finding[]) => findings.slice(7).map(({ step, code, about }) => [step, code, about])

  test('nobody trusted', async () => {
    expect(last(await run(layCard(issued)))).toEqual([
      ['clock', 'NOT_CHECKED', undefined],
      ['provider', 'PROVIDER_NONE_TRUSTED', undefined],
    ])
  })

  test('a provider that is well, and one that is not there', async () => {
    provider = await startFakeProvider()
    const name = new URL(provider.origin).host
    const findings = last(await run(layCard(issued), { trusted: ['http://localhost:1', provider.origin] }))
    expect(findings).toEqual([
      ['clock', 'OK', undefined],
      ['provider', 'PROVIDER_UNREACHABLE', 'localhost:1'],
      ['provider', 'OK', name],
    ])
  })

  test('a provider that calls itself something else', async () => {
    provider = await startFakeProvider()
    provider.misbehave((_request, response) => {
      sendJson(response, 200, { issuer: 'https://bank.example', authorization_endpoint: 'https://bank.example/auth' })
      return true
    })
    expect(last(await run(layCard(issued), { trusted: [provider.origin] }))[1]?.[1]).toBe('PROVIDER_NOT_ITSELF')
  })

  test('a provider whose certificate nobody vouches for: another code than one that is not there', async () => {
    const server = createServer({
      key: issued.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      cert: toPem(issued),
    })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    try {
      const origin = `https://localhost:${String((server.address() as AddressInfo).port)}`
      const [, answer] = last(await run(layCard(issued), { trusted: [origin] }))
      expect(answer?.[1]).toBe('PROVIDER_CERTIFICATE_UNTRUSTED')
    } finally {
      server.close()
      server.closeAllConnections()
    }
  })

  test.each([-300, 300])('attack 21: the clock %i s off', async (seconds) => {
    provider = await startFakeProvider()
    const now = new Date(Date.now() + seconds * 1000)
    const [clock] = last(await run(layCard(issued), { trusted: [provider.origin], now }))
    expect(clock?.[1]).toBe('CLOCK_WRONG')
    expect(clock?.[2]).toMatch(seconds > 0 ? /^\+(299|300|301) s$/ : /^-(299|300|301) s$/)
  })
})

test('the report can be pasted: no serial, no name, no date of the certificate, no reader’s serial number', async () => {
  const stage = layCard(issued)
  stage.readers.insert(stage.onReader, 'SCR 3310 (53311507205621) 00 00')
  stage.readers.remove('Software reader 1')
  const now = () => new Date('2026-11-22T00:00:00Z')
  const report = writeReport(await run(stage, { now: new Date() }), {
    t: translator('en'),
    system: 'linux x64 node 24',
    now,
  }).join('\n')
  expect(report).toContain('[ OK ] reader      OK (Software reader 1, SCR 3310)')
  expect(report).toContain('[ OK ] certificate OK')
  for (const secret of [issued.commonName, issued.serialHex, '53311507205621']) expect(report).not.toContain(secret)
  expect(report.match(/\d{4}-\d\d-\d\d/g)).toEqual(['2026-11-22'])
})
