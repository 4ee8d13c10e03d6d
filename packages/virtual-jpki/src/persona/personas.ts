import type { Birthday } from '../certificate/calendar.ts'
import type { Generation } from '../certificate/certificate-authority.ts'
import type { Holder } from '../certificate/make-leaf.ts'
import type { RevocationReason } from '../registry.ts'

/** PIN of every virtual card, and the password of its signature key. */
export const AUTHENTICATION_PIN = '1234'
export const SIGNATURE_PASSWORD = 'ABC123'

/** What a persona's log-in must end with; nothing means that it must succeed. */
export type ExpectedCode =
  | 'CERT_EXPIRED'
  | 'CERT_NOT_YET_VALID'
  | 'CERT_REVOKED'
  | 'CERT_UNTRUSTED_ISSUER'
  | 'CERT_WRONG_PURPOSE'
  | 'PIN_BLOCKED'

export interface PersonaPlan {
  readonly name: string
  readonly description: { readonly ja: string; readonly en: string }
  readonly expectedCode?: ExpectedCode
  /** `stranger`: a CA with the same name and another key. */
  readonly generation: Generation | 'stranger'
  /** Years from now, and the moment within the year (UTC). */
  readonly issued: readonly [yearOffset: number, monthAndTime: string]
  readonly revoked?: {
    readonly at: readonly [yearOffset: number, monthAndTime: string]
    readonly reason: RevocationReason
  }
  readonly triesLeft: number
  /** Which certificate lies where the authentication certificate belongs. */
  readonly inAuthenticationSlot: 'authentication' | 'signature'
  readonly birthday: Birthday
  readonly holder: Holder
}

const usual = { generation: 3, triesLeft: 3, inAuthenticationSlot: 'authentication' } as const

/** People who do not exist, of a prefecture that does not exist. */
function person(name: string, sex: Holder['sex'], birthDate: string): Pick<PersonaPlan, 'birthday' | 'holder'> {
  return {
    birthday: { month: Number(birthDate.slice(5, 7)), day: Number(birthDate.slice(7, 9)) },
    holder: { name, sex, birthDate, address: '架空県関所市本町一丁目１番１号' },
  }
}

export const PERSONAS: readonly PersonaPlan[] = [
  {
    ...usual,
    ...person('関所　太郎', '1', '319850415'),
    name: 'taro',
    description: { ja: '有効なカード（第3世代CA）', en: 'valid card, third CA generation' },
    issued: [-1, '06-10T01:23:45'],
  },
  {
    ...usual,
    ...person('関所　花子', '2', '419921103'),
    name: 'hanako',
    description: { ja: '有効なカード（第2世代CA）', en: 'valid card, second CA generation' },
    generation: 2,
    issued: [-3, '02-01T04:05:06'],
  },
  {
    ...usual,
    ...person('期限　切江', '2', '319700303'),
    name: 'expired',
    description: { ja: '有効期間が過ぎたカード', en: 'card whose certificate has expired' },
    expectedCode: 'CERT_EXPIRED',
    generation: 2,
    issued: [-7, '12-01T02:00:00'],
  },
  {
    ...usual,
    ...person('未来　待子', '2', '520190520'),
    name: 'not-yet-valid',
    description: { ja: '有効期間がまだ始まっていないカード', en: 'card whose certificate is not valid yet' },
    expectedCode: 'CERT_NOT_YET_VALID',
    issued: [1, '04-01T00:00:00'],
  },
  {
    ...usual,
    ...person('失効　済男', '1', '319640229'),
    name: 'revoked',
    description: { ja: '紛失届により失効したカード', en: 'card reported lost, certificate revoked' },
    expectedCode: 'CERT_REVOKED',
    issued: [-2, '05-12T03:30:00'],
    revoked: { at: [-1, '12-24T06:00:00'], reason: 'keyCompromise' },
  },
  {
    ...usual,
    ...person('偽造　一郎', '1', '319800707'),
    name: 'unknown-ca',
    description: {
      ja: '同じ名前を名乗る別の認証局が発行したカード',
      en: 'card issued by a stranger that uses the CA name',
    },
    expectedCode: 'CERT_UNTRUSTED_ISSUER',
    generation: 'stranger',
    issued: [-1, '03-03T03:03:03'],
  },
  {
    ...usual,
    ...person('署名　用介', '1', '419950812'),
    name: 'signing-certificate',
    description: {
      ja: '利用者証明用の場所に署名用証明書があるカード',
      en: 'signature certificate in the authentication slot',
    },
    expectedCode: 'CERT_WRONG_PURPOSE',
    issued: [-1, '07-20T05:00:00'],
    inAuthenticationSlot: 'signature',
  },
  {
    ...usual,
    ...person('残回　一子', '2', '420010131'),
    name: 'one-try-left',
    description: { ja: '暗証番号の残り回数が1回のカード', en: 'valid card with one PIN try left' },
    issued: [-1, '02-15T07:00:00'],
    triesLeft: 1,
  },
  {
    ...usual,
    ...person('施錠　済美', '2', '319580916'),
    name: 'pin-locked',
    description: { ja: '暗証番号がロックされたカード', en: 'valid card whose PIN is locked' },
    expectedCode: 'PIN_BLOCKED',
    issued: [-2, '10-30T08:00:00'],
    triesLeft: 0,
  },
]
