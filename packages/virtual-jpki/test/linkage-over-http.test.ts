import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import {
  createVirtualJpki,
  LINKAGE_MISBEHAVIOURS,
  serveVirtualJpki,
  type LinkageMisbehaviour,
  type LinkageQuestion,
  type VirtualJpki,
  type VirtualJpkiServer,
} from '../src/index.ts'
import { questionAboutCard } from './ask-linkage.ts'
import { VIRTUAL_KEYS } from '../../../test/support/virtual-keys.ts'

/** The contract of docs/linkage-operator.md, member by member. */
let at = new Date('2026-11-22T03:00:00Z')
let jpki: VirtualJpki
let server: VirtualJpkiServer
let renewed: LinkageQuestion
beforeAll(async () => {
  jpki = await createVirtualJpki({ now: () => at, cacheDirectory: VIRTUAL_KEYS })
  server = await serveVirtualJpki(jpki)
  renewed = await questionAboutCard(jpki, 'taro-renewed')
})
afterEach(() => {
  jpki.misbehave({})
  at = new Date('2026-11-22T03:00:00Z')
})
afterAll(() => server.close())

const REQUEST_ID = 'Zm9vYmFyYmF6cXV4MTIzNA'
const message = ({ issuerNameDer, serialNumber }: LinkageQuestion): Record<string, unknown> => ({
  request_id: REQUEST_ID,
  issuer_name: Buffer.from(issuerNameDer).toString('base64'),
  serial_number: serialNumber.toString(16).padStart(8, '0'),
})
const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${server.url}/linkage/${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
    redirect: 'manual',
  })
const ask = async (path: string, body: unknown, headers?: Record<string, string>): Promise<unknown> =>
  (await post(path, body, headers)).json()

describe('a question is refused', () => {
  test.each<[string, unknown]>([
    ['no JSON', '{'],
    ['no object', []],
    ['nothing in it', {}],
    ['a request id that is too short', { request_id: 'short' }],
    ['a request id with other characters', { request_id: 'Zm9vYmFyYmF6cXV4MTIz+/' }],
    ['an issuer that is not base64', { issuer_name: 'not base64!' }],
    ['an issuer beyond reason', { issuer_name: 'A'.repeat(8192) }],
    ['a serial number in capitals', { serial_number: '2F30B12F' }],
    ['a serial number with half an octet', { serial_number: 'f30b12f' }],
    ['a serial number that is not minimal', { serial_number: '002f30b12f' }],
    ['a negative serial number', { serial_number: 'ff30b12f' }],
    ['a serial number that is a number', { serial_number: 791720239 }],
    ['an issuer key id that is empty', { issuer_key_id: '' }],
    ['an issuer key id that is null', { issuer_key_id: null }],
    ['an unknown member', { tenant: 'another customer' }],
  ])('400: %s', async (_name, change) => {
    const body =
      typeof change === 'object' && !Array.isArray(change) && Object.keys(change as object).length > 0
        ? { ...message(renewed), ...change }
        : change
    for (const style of ['previous', 'person']) {
      const response = await post(style, body)
      expect([response.status, await response.json()]).toEqual([400, { error: 'malformed-question' }])
    }
  })

  test.each<[number, string, () => Promise<Response>]>([
    [413, 'question-too-large', () => post('previous', ' '.repeat(70_000))],
    [415, 'json-only', () => post('previous', message(renewed), { 'content-type': 'text/plain' })],
    [401, 'unauthorized', () => post('previous', message(renewed), { authorization: 'Bearer made.up' })],
    [401, 'unauthorized', () => post('person', message(renewed), { authorization: 'Basic YTpi' })],
    [422, 'unknown-certificate', () => post('previous', { ...message(renewed), serial_number: '01' })],
    [422, 'unknown-certificate', () => post('person', { ...message(renewed), issuer_key_id: 'ab' })],
  ])('%i: %s', async (status, error, asking) => {
    const response = await asking()
    expect([response.status, await response.json()]).toEqual([status, { error }])
    expect(response.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer error="invalid_token"' : null)
  })

  test('another path, another method', async () => {
    expect((await post('next', message(renewed))).status).toBe(404)
    expect((await fetch(`${server.url}/linkage/previous`)).status).toBe(405)
  })
})

describe('an answer', () => {
  test('found: what was replaced, and of when the data is', async () => {
    const taro = await questionAboutCard(jpki, 'taro')
    const response = await post('previous', message(renewed))
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toEqual({
      request_id: REQUEST_ID,
      result: 'found',
      previous: {
        issuer_name: Buffer.from(taro.issuerNameDer).toString('base64'),
        serial_number: '2f30b12f',
        relation: 'renewed',
      },
      as_of: '2026-11-22T03:00:00.000Z',
    })
    expect(taro.serialNumber).toBe(0x2f30b12fn)
  })

  test('none', async () => {
    expect(await ask('previous', message(await questionAboutCard(jpki, 'taro')))).toEqual({
      request_id: REQUEST_ID,
      result: 'none',
      as_of: '2026-11-22T03:00:00.000Z',
    })
  })

  test('is the same when the same is asked again', async () => {
    const issuer_key_id = jpki.authority('authentication', 3).keyId.toString('hex')
    const answers = [
      await ask('previous', message(renewed)),
      await ask('previous', message(renewed)),
      await ask('previous', { ...message(renewed), issuer_key_id }),
    ]
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
  })

  test('a serial number that begins with a high bit has an octet in front', async () => {
    const previous = { authority: 'authentication-2', serialNumber: 0xdeadbeefn }
    const { serialNumber } = await jpki.issueAuthenticationCertificate({ label: 'after a high one', previous })
    expect(await ask('previous', message({ ...renewed, serialNumber }))).toMatchObject({
      previous: { serial_number: '00deadbeef' },
    })
  })

  test('person: what the process itself says', async () => {
    const said = jpki.personOf(renewed)
    expect(await ask('person', message(renewed))).toEqual({
      request_id: REQUEST_ID,
      result: 'found',
      person_id: said.result === 'found' ? said.personId : '',
      as_of: '2026-11-22T03:00:00.000Z',
    })
  })

  test('linkage-down: 503, for this card alone', async () => {
    const response = await post('previous', message(await questionAboutCard(jpki, 'linkage-down')))
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '30'])
    expect((await post('previous', message(renewed))).status).toBe(200)
  })
})

describe('access tokens', () => {
  const token = (form: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> =>
    post('token', new URLSearchParams(form).toString(), {
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    })
  const tokenOf = async (client_id: string): Promise<string> => {
    const response = await token({ grant_type: 'client_credentials', client_id })
    return ((await response.json()) as { readonly access_token: string }).access_token
  }
  const statusWith = async (accessToken: string): Promise<number> =>
    (await post('previous', message(renewed), { authorization: `Bearer ${accessToken}` })).status

  test('another grant, no client', async () => {
    const basicOfNobody = { authorization: 'Basic ' + Buffer.from(':secret').toString('base64') }
    expect((await token({ grant_type: 'password', client_id: 'a' })).status).toBe(400)
    expect((await token({ grant_type: 'client_credentials' })).status).toBe(401)
    expect((await token({ grant_type: 'client_credentials' }, basicOfNobody)).status).toBe(401)
  })

  test('is refused when changed by a character, and after five minutes', async () => {
    const good = await tokenOf('sekisho')
    expect(await statusWith(good)).toBe(200)
    expect(await statusWith(`A${good.slice(1)}`)).toBe(401)
    expect(await statusWith(good.replace('.', '.A'))).toBe(401)
    at = new Date(at.getTime() + 300_000)
    expect(await statusWith(good)).toBe(401)
  })

  test('tells whose person ids one gets; Basic and client_id are the same client', async () => {
    const basic = { authorization: 'Basic ' + Buffer.from('one%20customer:s%3Ac').toString('base64') }
    const byBasic = (await (await token({ grant_type: 'client_credentials' }, basic)).json()) as {
      readonly access_token: string
    }
    expect(byBasic).toMatchObject({ token_type: 'Bearer', expires_in: 300 })
    const personWith = async (accessToken?: string): Promise<unknown> =>
      (
        (await ask('person', message(renewed), accessToken ? { authorization: `Bearer ${accessToken}` } : {})) as {
          readonly person_id: string
        }
      ).person_id
    const ids = [
      await personWith(byBasic.access_token),
      await personWith(await tokenOf('one customer')),
      await personWith(await tokenOf('another')),
      await personWith(),
    ]
    expect(ids[1]).toBe(ids[0])
    expect(new Set(ids).size).toBe(3)
  })
})

describe('attack 33: on order', () => {
  const order = async (linkage: LinkageMisbehaviour): Promise<Response> => {
    jpki.misbehave({ linkage })
    return post('previous', message(renewed))
  }

  test.each<[LinkageMisbehaviour, number]>([
    ['down', 503],
    ['unauthorized', 401],
    ['unknown-certificate', 422],
    ['http-500', 500],
    ['redirect', 302],
  ])('%s: status %i', async (misbehaviour, status) => {
    expect((await order(misbehaviour)).status).toBe(status)
  })

  test.each<[LinkageMisbehaviour, object]>([
    ['malformed', { request_id: REQUEST_ID, result: 'perhaps' }],
    ['unknown-member', { request_id: REQUEST_ID, result: 'found', next: null }],
    ['wrong-request-id', { request_id: 'the-answer-to-another-one', result: 'found' }],
    ['denies-link', { request_id: REQUEST_ID, result: 'none' }],
    ['stale', { as_of: '2025-11-22T03:00:00.000Z' }],
    ['from-the-future', { as_of: '2027-11-22T03:00:00.000Z' }],
  ])('%s: status 200, and wrong', async (misbehaviour, said) => {
    const response = await order(misbehaviour)
    expect([response.status, await response.json()]).toEqual([200, expect.objectContaining(said)])
  })

  test.each<LinkageMisbehaviour>(['self-link', 'wrong-person', 'wrong-issuer', 'endless-chain'])(
    '%s: another predecessor than the right one',
    async (misbehaviour) => {
      const right = await ask('previous', message(renewed))
      const wrong = await (await order(misbehaviour)).json()
      expect(wrong).toMatchObject({ request_id: REQUEST_ID, result: 'found', previous: { relation: 'renewed' } })
      expect(wrong).not.toEqual(right)
    },
  )

  test.each<LinkageMisbehaviour>(['truncated', 'trailing-octets', 'garbage', 'empty-body'])(
    '%s: no JSON',
    async (misbehaviour) => {
      const text = await (await order(misbehaviour)).text()
      expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError)
    },
  )

  test('cut: not a single octet', async () => {
    await expect(order('cut')).rejects.toThrow(TypeError)
  })

  test('wrong-content-type', async () => {
    expect((await order('wrong-content-type')).headers.get('content-type')).toBe('text/html')
  })

  test('oversized: without a length', async () => {
    const response = await order('oversized')
    expect(response.headers.get('content-length')).toBeNull()
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(8 * 1024 * 1024)
  })

  test('slow says nothing for longer than anybody waits', () => {
    const body = Buffer.from(JSON.stringify(message(renewed)))
    expect(jpki.answerLinkage('previous', body, { misbehaviour: 'slow' }).delayMs).toBeGreaterThan(20_000)
    expect(jpki.answerLinkage('previous', body, { misbehaviour: 'dripping' }).dripIntervalMs).toBeGreaterThan(0)
  })

  test('each misbehaviour changes the answer', () => {
    const body = Buffer.from(JSON.stringify(message(renewed)))
    const good = jpki.answerLinkage('previous', body)
    for (const misbehaviour of LINKAGE_MISBEHAVIOURS) {
      expect([misbehaviour, jpki.answerLinkage('previous', body, { misbehaviour })]).not.toEqual([misbehaviour, good])
    }
  })
})
