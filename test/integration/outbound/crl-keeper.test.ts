import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serveVirtualJpki, toPem, type VirtualJpki } from '@sekisho/virtual-jpki'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { TrustAnchors } from '../../../src/certificate/anchor/trust-anchor.ts'
import { createCrlKeeper, type CrlKeeper, type CrlKeeperOptions } from '../../../src/outbound/crl/create-crl-keeper.ts'
import type { CrlNumberMemory } from '../../../src/certificate/revocation/crl/crl-number-memory.ts'
import { A_DAY, anchorsOf, judgeResponse, openJpki, outcomeOf } from '../../support/certificate/court.ts'
import { questionAbout, statusOf } from '../../support/certificate/question.ts'
import { createTempDirectory, type TempDirectory } from '../../support/temp-directory.ts'

let jpki: VirtualJpki
let anchors: TrustAnchors
let directory: TempDirectory
const keepers: CrlKeeper[] = []

beforeAll(async () => {
  jpki = await openJpki()
  anchors = anchorsOf(jpki)
})

beforeEach(() => {
  directory = createTempDirectory('crl')
})

afterEach(async () => {
  jpki.misbehave({})
  for (const keeper of keepers.splice(0)) await keeper.close()
  await directory.remove()
})

async function keep(options: Partial<CrlKeeperOptions> & Pick<CrlKeeperOptions, 'place'>): Promise<CrlKeeper> {
  const keeper = await createCrlKeeper({
    name: 'list',
    issuers: anchors.authentication,
    now: () => A_DAY,
    refreshMs: 60_000,
    ...options,
  })
  keepers.push(keeper)
  await keeper.refresh()
  return keeper
}

async function statusAt(keeper: CrlKeeper, label: string): Promise<string> {
  const issued = await jpki.issueAuthenticationCertificate({ label })
  return statusOf(await keeper.source.check(questionAbout(issued, anchors)))
}

describe('from a file', () => {
  test.each(['DER', 'PEM'])('in %s', async (form) => {
    const path = join(directory.path, 'list.crl')
    const der = await jpki.crl()
    await writeFile(path, form === 'DER' ? der : toPem('X509 CRL', der))
    expect(await statusAt(await keep({ place: { kind: 'file', path } }), 'in a file')).toBe('good')
  })

  test('attack 34: missing, then there, then gone: what was loaded stays until it expires', async () => {
    const path = join(directory.path, 'list.crl')
    const faults: string[] = []
    const keeper = await keep({ place: { kind: 'file', path }, onFault: ({ cause }) => faults.push(cause) })
    expect(await statusAt(keeper, 'early')).toBe('crl-missing')
    await writeFile(path, await jpki.crl())
    await keeper.refresh()
    expect(await statusAt(keeper, 'later')).toBe('good')
    await rm(path)
    await keeper.refresh()
    expect(await statusAt(keeper, 'last')).toBe('good')
    expect(faults).toEqual(['crl-missing', 'crl-missing'])
  })

  test('attack 34: an older list in place of the newer one is not taken, now or after a restart', async () => {
    const path = join(directory.path, 'list.crl')
    let kept: Readonly<Record<string, bigint>> = {}
    const numbers: CrlNumberMemory = {
      read: () => Promise.resolve(kept),
      write: (seen) => Promise.resolve(void (kept = { ...kept, ...seen })),
    }
    const lost = await jpki.issueAuthenticationCertificate({
      label: 'lost',
      status: { status: 'revoked', at: A_DAY, reason: 'keyCompromise' },
    })
    await writeFile(path, await jpki.crl())
    const keeper = await keep({ place: { kind: 'file', path }, numbers })
    expect(statusOf(await keeper.source.check(questionAbout(lost, anchors)))).toBe('revoked')

    await writeFile(path, await jpki.crl({ misbehaviour: 'rolled-back' }))
    await keeper.refresh()
    expect(statusOf(await keeper.source.check(questionAbout(lost, anchors)))).toBe('revoked')

    const restarted = await keep({ place: { kind: 'file', path }, numbers })
    expect(statusOf(await restarted.source.check(questionAbout(lost, anchors)))).toBe('crl-rolled-back')
    const forgetful = await keep({ place: { kind: 'file', path } })
    expect(statusOf(await forgetful.source.check(questionAbout(lost, anchors)))).toBe('good')
  })

  test('attack 34: a list above the cap is not read', async () => {
    const path = join(directory.path, 'list.crl')
    await writeFile(path, await jpki.crl({ addEntries: 1000 }))
    expect(await statusAt(await keep({ place: { kind: 'file', path }, maxBytes: 20_000 }), 'too large')).toBe(
      'crl-too-large',
    )
  })

  test('something that is no file', async () => {
    await mkdir(join(directory.path, 'list.crl'))
    const keeper = await keep({ place: { kind: 'file', path: join(directory.path, 'list.crl') } })
    expect(await statusAt(keeper, 'no file')).toBe('crl-missing')
  })
})

describe('from a directory', () => {
  test('the lists of several generations; one that is broken does not take the others with it', async () => {
    await writeFile(join(directory.path, '2.crl'), await jpki.crl({ generation: 2 }))
    await writeFile(join(directory.path, '3.pem'), toPem('X509 CRL', await jpki.crl({ generation: 3 })))
    await writeFile(join(directory.path, 'broken.crl'), 'nothing')
    await writeFile(join(directory.path, 'README.txt'), 'not a list')
    const faults: string[] = []
    const keeper = await keep({
      place: { kind: 'directory', path: directory.path },
      onFault: ({ cause }) => faults.push(cause),
    })
    const taro = (await jpki.card('taro')).authentication
    const hanako = (await jpki.card('hanako')).authentication
    expect(statusOf(await keeper.source.check(questionAbout(taro, anchors)))).toBe('good')
    expect(statusOf(await keeper.source.check(questionAbout(hanako, anchors)))).toBe('good')
    expect(faults).toEqual(['crl-malformed'])
  })

  test('an empty one', async () => {
    expect(await statusAt(await keep({ place: { kind: 'directory', path: directory.path } }), 'empty')).toBe(
      'crl-missing',
    )
  })
})

describe('over HTTP', () => {
  let server: Awaited<ReturnType<typeof serveVirtualJpki>>

  beforeAll(async () => {
    server = await serveVirtualJpki(jpki, { host: '127.0.0.1', port: 0 })
  })

  afterAll(async () => {
    await server.close()
  })

  const place = (): CrlKeeperOptions['place'] => ({
    kind: 'http',
    url: `${server.url}/crl/authentication.crl`,
    intranetHosts: ['127.0.0.1'],
    deadlineMs: 2000,
  })

  test('good and revoked', async () => {
    const lost = await jpki.issueAuthenticationCertificate({
      label: 'lost over http',
      status: { status: 'revoked', at: A_DAY, reason: 'keyCompromise' },
    })
    const keeper = await keep({ place: place() })
    expect(statusOf(await keeper.source.check(questionAbout(lost, anchors)))).toBe('revoked')
    expect(await statusAt(keeper, 'kept over http')).toBe('good')
  })

  test.each([
    ['expired', 'crl-expired', 'REV_CRL_EXPIRED'],
    ['wrong-issuer', 'crl-wrong-issuer', 'REV_CRL_WRONG_ISSUER'],
    ['delta', 'crl-delta', 'REV_CRL_DELTA'],
    ['truncated', 'crl-malformed', 'REV_CRL_MALFORMED'],
    ['http-500', 'source-http-error', 'REV_SOURCE_HTTP_ERROR'],
    ['redirect', 'source-http-error', 'REV_SOURCE_HTTP_ERROR'],
    ['oversized', 'crl-too-large', 'REV_CRL_TOO_LARGE'],
    ['slow', 'source-timed-out', 'REV_SOURCE_TIMED_OUT'],
    ['dripping', 'source-timed-out', 'REV_SOURCE_TIMED_OUT'],
  ] as const)('attack 34: %s: %s, %s', async (crl, cause, code) => {
    jpki.misbehave({ crl })
    const keeper = await keep({ place: place() })
    const issued = await jpki.issueAuthenticationCertificate({ label: 'looked up over http' })
    expect(statusOf(await keeper.source.check(questionAbout(issued, anchors)))).toBe(cause)
    expect(outcomeOf(await judgeResponse(issued, { anchors, revocation: keeper.source }))).toBe(code)
  })

  test('attack 15: a private host that was not marked as ours', async () => {
    const keeper = await keep({ place: { ...place(), intranetHosts: [] } as CrlKeeperOptions['place'] })
    expect(await statusAt(keeper, 'private')).toBe('source-not-allowed')
  })
})

describe('attack 34: a list of a million entries', () => {
  test('is loaded beside the event loop, swapped in whole, and looked up in', async () => {
    const lost = await jpki.issueAuthenticationCertificate({
      label: 'one in a million',
      status: { status: 'revoked', at: A_DAY, reason: 'keyCompromise' },
    })
    const kept = await jpki.issueAuthenticationCertificate({ label: 'none of a million' })
    const path = join(directory.path, 'list.crl')
    await writeFile(path, await jpki.crl({ overrides: { entries: [] } }))
    const keeper = await keep({ place: { kind: 'file', path } })
    expect(statusOf(await keeper.source.check(questionAbout(lost, anchors)))).toBe('good')

    await writeFile(path, await jpki.crl({ misbehaviour: 'huge' }))
    const loading = keeper.refresh()
    // while it loads, questions are answered from the list in use: whole, or not at all
    const state = { isLoading: true }
    void loading.finally(() => (state.isLoading = false))
    let answered = 0
    while (state.isLoading) {
      const status = statusOf(await keeper.source.check(questionAbout(lost, anchors)))
      expect(['good', 'revoked']).toContain(status)
      answered += 1
      await new Promise((resolve) => setImmediate(resolve))
    }
    await loading
    expect(answered).toBeGreaterThan(1)
    expect(statusOf(await keeper.source.check(questionAbout(lost, anchors)))).toBe('revoked')
    expect(statusOf(await keeper.source.check(questionAbout(kept, anchors)))).toBe('good')
  })
})
