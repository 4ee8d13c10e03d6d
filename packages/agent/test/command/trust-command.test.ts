import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDispatcher } from '../../src/provider/request-json.ts'
import { runTrustAdd, runTrustList, runTrustRemove, type TrustDeps } from '../../src/command/run-trust.ts'
import { openTrustListFile } from '../../src/trust-list/open-trust-list-file.ts'
import { translator } from '../../src/text/translate.ts'
import { sendJson, startFakeProvider, type FakeProvider } from '../support/fake-provider.ts'

let directory: string
let path: string
let provider: FakeProvider
let said: string[]
let complained: string[]
let asked: string[]

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trust-command-'))
  path = join(directory, 'trust.json')
  provider = await startFakeProvider()
  ;[said, complained, asked] = [[], [], []]
})
afterEach(async () => {
  await provider.close()
  await rm(directory, { recursive: true })
})

/** A person who answers like this; undefined: nobody is there. */
function deps(answer?: string): TrustDeps {
  return {
    trustList: openTrustListFile({ path, now: () => new Date() }),
    t: translator('en'),
    dispatcher: createDispatcher(2_000),
    terminal: {
      say: (line) => said.push(line),
      isInteractive: answer !== undefined,
      complain: (line) => complained.push(line),
      ask: (question) => {
        asked.push(question)
        return Promise.resolve(answer)
      },
    },
  }
}
const written = () => readFile(path, 'utf8').catch(() => undefined)
const DEVELOPMENT = { development: true, yes: false }

describe('trust add', () => {
  test('shows the issuer, checks it, asks, and writes on yes', async () => {
    expect(await runTrustAdd(deps('y'), provider.origin, DEVELOPMENT)).toBe(0)
    expect(provider.seen.map(({ method, path: asked }) => `${method} ${asked}`)).toEqual([
      'GET /.well-known/openid-configuration',
    ])
    expect(said.join('\n')).toContain(`Issuer: ${provider.origin}`)
    expect(asked).toHaveLength(1)
    expect(await written()).toContain(provider.origin)
    expect(await runTrustAdd(deps('y'), provider.origin, DEVELOPMENT)).toBe(0)
    expect(said.at(-1)).toContain('already')
  })

  test.each(['', 'n', 'no', 'yep', ' ', 'N', 'yy'])('the answer %j is no', async (answer) => {
    expect(await runTrustAdd(deps(answer), provider.origin, DEVELOPMENT)).toBe(1)
    expect(await written()).toBeUndefined()
  })

  test('nobody to ask: nothing is written; with --yes it is, without a question', async () => {
    expect(await runTrustAdd(deps(), provider.origin, DEVELOPMENT)).toBe(1)
    expect(await written()).toBeUndefined()
    asked = []
    expect(await runTrustAdd(deps(), provider.origin, { development: true, yes: true })).toBe(0)
    expect(asked).toEqual([])
    expect(await written()).toContain(provider.origin)
  })

  test.each<[string, number, (origin: string) => unknown]>([
    [
      'another issuer',
      200,
      () => ({ issuer: 'https://bank.example', authorization_endpoint: 'https://bank.example/auth' }),
    ],
    ['its issuer with a slash', 200, (origin) => ({ issuer: `${origin}/`, authorization_endpoint: `${origin}/auth` })],
    ['no issuer', 200, (origin) => ({ authorization_endpoint: `${origin}/auth` })],
    ['an error', 500, (origin) => ({ issuer: origin, authorization_endpoint: `${origin}/auth` })],
    ['a list', 200, () => []],
  ])('a document that names %s: refused without a question', async (_what, status, document) => {
    provider.misbehave((_request, response) => {
      sendJson(response, status, document(provider.origin))
      return true
    })
    expect(await runTrustAdd(deps('y'), provider.origin, { development: true, yes: true })).toBe(1)
    expect(asked).toEqual([])
    expect(await written()).toBeUndefined()
    expect(complained).toHaveLength(1)
  })

  test('a redirect is not followed', async () => {
    provider.misbehave((_request, response) => {
      response.writeHead(302, { location: 'https://bank.example/.well-known/openid-configuration' }).end()
      return true
    })
    expect(await runTrustAdd(deps('y'), provider.origin, { development: true, yes: true })).toBe(1)
    expect(await written()).toBeUndefined()
  })

  test('plain http without --development is refused before any connection', async () => {
    expect(await runTrustAdd(deps('y'), provider.origin, { development: false, yes: true })).toBe(1)
    expect(provider.seen).toEqual([])
  })
})

test('trust list and trust remove', async () => {
  expect(await runTrustList(deps())).toBe(0)
  expect(said).toEqual(['No sign-in service is trusted.'])
  await runTrustAdd(deps('yes'), provider.origin, DEVELOPMENT)
  said = []
  await runTrustList(deps())
  const name = new URL(provider.origin).host
  expect(said).toEqual([`${name}\t${provider.origin}\tdevelopment`])
  expect(await runTrustRemove(deps(), name)).toBe(0)
  expect(await runTrustRemove(deps(), name)).toBe(1)
})
