import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { payloadOf, shortTextOf } from '../../../src/storage/redis/payload-form.ts'

const IAT = 1_795_393_095
const ID = 'sZ-HbFOx02k5nW2QBoA3VAa7DN3g9SOOIXtRn1RtVDv'
const ACCOUNT = '330f592a-696e-440c-9a10-9b11b2c68cce'
const AMR = ['sc', 'hwk', 'pin', 'mfa', 'user']
const CERT_STATUS = { status: 'good', method: 'ocsp', checked_at: IAT - 905, source: 'ocsp' }

/** As oidc-provider hands them over. */
const PAYLOADS = {
  AccessToken: {
    iat: IAT,
    exp: IAT + 3600,
    accountId: ACCOUNT,
    grantId: ID,
    gty: 'authorization_code',
    sessionUid: ID,
    kind: 'AccessToken',
    clientId: 'site',
    aud: 'https://api.example/',
    scope: 'read',
    extra: {
      acr: 'phrh',
      amr: AMR,
      auth_time: IAT,
      cert_status: CERT_STATUS,
      credential_id: ACCOUNT,
      sign_outs: 0,
    },
  },
  RefreshToken: {
    iat: IAT,
    exp: IAT + 2_592_000,
    accountId: ACCOUNT,
    acr: 'phrh',
    amr: AMR,
    authTime: IAT,
    grantId: ID,
    gty: 'authorization_code refresh_token',
    nonce: '関所',
    resource: ['https://api.example/', 'https://other.example/'],
    rotations: 0,
    scope: 'openid offline_access read',
    sessionUid: ID,
    kind: 'RefreshToken',
    clientId: 'site',
    iiat: IAT - 86_400,
  },
  Session: {
    iat: IAT,
    exp: IAT + 28_800,
    kind: 'Session',
    uid: ID,
    accountId: ACCOUNT,
    loginTs: IAT,
    amr: AMR,
    acr: 'phrh',
    authorizations: { site: { sid: ID, grantId: ID, persistsLogout: true }, ['__proto__']: { sid: ID } },
  },
  Grant: {
    iat: IAT,
    exp: IAT + 7_776_000,
    accountId: ACCOUNT,
    clientId: 'site',
    kind: 'Grant',
    openid: { scope: 'openid offline_access', claims: [] },
    resources: { 'https://api.example/': 'read' },
  },
  Authentication: { credentialId: ACCOUNT, certStatus: CERT_STATUS, signOuts: 3 },
} as const
const MODELS = Object.keys(PAYLOADS) as (keyof typeof PAYLOADS)[]

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const backOf = (model: string, payload: Record<string, unknown>) => payloadOf(shortTextOf(model, payload))

test.each(MODELS)('%s comes back as it was, and takes little more than half of the room', (model) => {
  const payload = PAYLOADS[model]
  const text = shortTextOf(model, payload)
  expect(payloadOf(text)).toEqual(payload)
  expect(text).not.toMatch(/^\{/)
  expect(text.length).toBeLessThan(JSON.stringify(payload).length * 0.65)
})

describe('what nobody expects', () => {
  test.each<readonly [what: string, model: string, changes: Record<string, unknown>]>([
    ['nothing at all', 'AccessToken', {}],
    ['no time of its making', 'AccessToken', { exp: IAT, kind: 'AccessToken' }],
    ['made in 1970', 'AccessToken', { iat: 0, exp: 60 }],
    ['made at no time', 'AccessToken', { iat: null, exp: 60 }],
    ['a time that is none', 'AccessToken', { iat: IAT, exp: 'tomorrow' }],
    ['half a second', 'AccessToken', { iat: IAT, exp: IAT + 0.5 }],
    ['times before it was made', 'RefreshToken', { iat: IAT, exp: IAT - 1, authTime: 0, iiat: -IAT }],
    ['times that are too far from each other', 'AccessToken', { iat: 2, exp: Number.MIN_SAFE_INTEGER }],
    ['made before 1970', 'AccessToken', { iat: -60, exp: Number.MAX_SAFE_INTEGER }],
    [
      'numbers that are none',
      'AccessToken',
      { iat: IAT, exp: NaN, scope: NaN, aud: Infinity, extra: { sign_outs: NaN } },
    ],
    ['half a character', 'AccessToken', { iat: IAT, scope: '\ud800', clientId: '\udfff{', more: '\ud83d' }],
    ['null', 'AccessToken', { iat: IAT, scope: null, aud: null, accountId: null, extra: null, kind: null }],
    ['an account in capitals', 'Grant', { iat: IAT, accountId: ACCOUNT.toUpperCase() }],
    ['an account that is no UUID', 'Grant', { iat: IAT, accountId: 'Mw9ZKmluRAyaEJsRssaMzg' }],
    ['another kind', 'AccessToken', { iat: IAT, kind: 'ClientCredentials' }],
    ['a kind that is a number', 'AccessToken', { iat: IAT, kind: 0, gty: 1 }],
    ['lists and objects where there are none', 'AccessToken', { iat: IAT, extra: [1], gty: ['a'], kind: {} }],
    ['fields of its own', 'Session', { iat: IAT, state: { a: null }, authorizations: { a: { b: 1 }, c: 2 } }],
    ['more than it knows inside', 'AccessToken', { iat: IAT, extra: { ...PAYLOADS.AccessToken.extra, more: [1] } }],
    ['a list in another order', 'Session', { iat: IAT, amr: AMR.toReversed() }],
    ['names of the language', 'Session', { iat: IAT, ['__proto__']: { a: 1 }, constructor: 'c' }],
    ['a model without a form', 'Interaction', { iat: IAT, exp: IAT + 60 }],
  ])('%s', (_what, model, payload) => {
    expect(backOf(model, payload)).toEqual(throughJson(payload))
  })

  test('any payload comes back as it would as JSON', () => {
    const field = fc.constantFrom(
      ...new Set(Object.values(PAYLOADS).flatMap((payload) => Object.keys(payload))),
      'iat',
      'other',
    )
    const value = fc.oneof(
      fc.jsonValue(),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.uuid(),
      fc.constantFrom(AMR, 'phrh', CERT_STATUS, IAT),
    )
    const payloads = fc.dictionary(field, value, { maxKeys: 12 })
    fc.assert(
      fc.property(fc.constantFrom(...MODELS), payloads, (model, payload) => {
        expect(backOf(model, payload)).toEqual(throughJson(payload))
      }),
      { numRuns: 2000 },
    )
  })
})

test('the forms are as they were: a new one has a new letter', () => {
  const odd = { sid: 'x', extra: { acr: 'phrh', more: 1 } }
  expect([
    ...MODELS.map((model) => shortTextOf(model, PAYLOADS[model])),
    shortTextOf('AccessToken', { ...PAYLOADS.AccessToken, ...odd }),
  ]).toMatchInlineSnapshot(`
    [
      "a[1795393095,0,3600,"Mw9ZKmluRAyaEJsRssaMzg","sZ-HbFOx02k5nW2QBoA3VAa7DN3g9SOOIXtRn1RtVDv",0,"sZ-HbFOx02k5nW2QBoA3VAa7DN3g9SOOIXtRn1RtVDv","site","https://api.example/","read",[0,0,0,[0,0,1795392190,0],"Mw9ZKmluRAyaEJsRssaMzg",0]]",
      "r[1795393095,0,2592000,"Mw9ZKmluRAyaEJsRssaMzg",0,0,0,"sZ-HbFOx02k5nW2QBoA3VAa7DN3g9SOOIXtRn1RtVDv",2,"関所",["https://api.example/","https://other.example/"],0,"openid offline_access read","sZ-HbFOx02k5nW2QBoA3VAa7DN3g9SOOIXtRn1RtVDv","site",-86400]",
      "s[1795393095,0,28800,"sZ-HbFOx02k5nW2QBoA3VAa7DN3g9SOOIXtRn1RtVDv","Mw9ZKmluRAyaEJsRssaMzg",0,0,0,{"site":["sZ-HbFOx02k5nW2QBoA3VAa7DN3g9SOOIXtRn1RtVDv","sZ-HbFOx02k5nW2QBoA3VAa7DN3g9SOOIXtRn1RtVDv",true],"__proto__":["sZ-HbFOx02k5nW2QBoA3VAa7DN3g9SOOIXtRn1RtVDv"]}]",
      "g[1795393095,0,7776000,"Mw9ZKmluRAyaEJsRssaMzg","site",["openid offline_access",[]],{"https://api.example/":"read"}]",
      "t[0,"Mw9ZKmluRAyaEJsRssaMzg",[0,0,1795392190,0],3]",
      "a[1795393095,0,3600,"Mw9ZKmluRAyaEJsRssaMzg","sZ-HbFOx02k5nW2QBoA3VAa7DN3g9SOOIXtRn1RtVDv",0,"sZ-HbFOx02k5nW2QBoA3VAa7DN3g9SOOIXtRn1RtVDv","site","https://api.example/","read",[0,null,null,null,null,null,{"more":1}],{"sid":"x"}]",
    ]
  `)
})

test.each(['a[1,1]', 'a[1,null,null,null,null,9]', 's[1,null,null,null,null,null,1]'])(
  'a number that is not known is refused: %s',
  (text) => {
    expect(() => payloadOf(text)).toThrow('does not know')
  },
)

test.each(['', 'x[1]', 'z'])('a text of a form that is not known is refused: %s', (text) => {
  expect(() => payloadOf(text)).toThrow('does not know')
})

test('what a release before wrote is read', () => {
  expect(payloadOf(JSON.stringify(PAYLOADS.AccessToken))).toEqual(PAYLOADS.AccessToken)
})
