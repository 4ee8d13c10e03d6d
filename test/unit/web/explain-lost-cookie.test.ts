import { describe, expect, test } from 'vitest'
import { codeOfLost, explainLostCookie } from '../../../src/web/explain-lost-cookie.ts'

const WELL = { saysHttp: false, otherHost: undefined }

describe('what probably became of a cookie', () => {
  test.each([
    ['the proxy says http', 'cookie-missing', false, { ...WELL, saysHttp: true }, 'scheme-http'],
    ['… also when other cookies came', 'cookie-missing', true, { ...WELL, saysHttp: true }, 'scheme-http'],
    ['another host', 'cookie-missing', false, { ...WELL, otherHost: '10.0.0.7' }, 'other-host'],
    ['no cookie at all', 'cookie-missing', false, WELL, 'no-cookies'],
    ['cookies, but not this one', 'cookie-missing', true, WELL, 'other-cookies'],
    ['a cookie that none of our keys signed', 'cookie-unreadable', true, WELL, 'keys-differ'],
    ['outside a request', 'cookie-missing', false, undefined, 'no-cookies'],
  ] as const)('%s: %s', (_name, why, hasCookies, arrival, cause) => {
    const lost = explainLostCookie(why, { hasCookies, arrival })
    expect(lost).toMatchObject({ cause, code: codeOfLost(why) })
    expect(lost?.hint).toMatch(/\w{4}/)
  })

  test('nothing, of a sign-in that is over', () => {
    expect(explainLostCookie('over', { hasCookies: false, arrival: WELL })).toBeUndefined()
    expect(codeOfLost('over')).toBe('SIGNIN_INTERACTION_NOT_FOUND')
  })
})
