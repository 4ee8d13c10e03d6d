import type { Holder } from '../certificate/make-leaf.ts'
import { birthdayOf, type PersonaPlan } from './persona-plan.ts'

const usual = { generation: 3, triesLeft: 3, inAuthenticationSlot: 'authentication' } as const

/** People who do not exist, of a prefecture that does not exist. */
function person(name: string, sex: Holder['sex'], birthDate: string): Pick<PersonaPlan, 'birthday' | 'holder'> {
  const holder = { name, sex, birthDate, address: '架空県関所市本町一丁目１番１号' }
  return { birthday: birthdayOf(holder), holder }
}

const TARO = person('関所　太郎', '1', '319850415')
const HANAKO = person('関所　花子', '2', '419921103')

export const PERSONAS: readonly PersonaPlan[] = [
  {
    ...usual,
    ...TARO,
    name: 'taro',
    description: { ja: '有効なカード（第3世代CA）', en: 'valid card, third CA generation' },
    issued: [-1, '06-10T01:23:45'],
  },
  {
    ...usual,
    ...HANAKO,
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
  {
    ...usual,
    ...TARO,
    name: 'taro-renewed',
    description: {
      ja: '太郎が証明書を更新したあとのカード（古い証明書は失効する）',
      en: 'card of taro after renewal; his old certificate is revoked',
    },
    person: 'taro',
    replaces: { persona: 'taro', relation: 'renewed' },
    issued: [-1, '09-01T01:10:00'],
  },
  {
    ...usual,
    ...TARO,
    name: 'taro-renewed-twice',
    description: {
      ja: '太郎が証明書を二度更新したあとのカード',
      en: 'card of taro after two renewals',
    },
    person: 'taro',
    replaces: { persona: 'taro-renewed', relation: 'renewed' },
    issued: [-1, '12-18T06:20:00'],
  },
  {
    ...usual,
    ...TARO,
    name: 'taro-phone',
    description: {
      ja: '太郎のスマートフォン（スマホ用電子証明書。カードと並べて使う）',
      en: 'phone of taro, with a certificate of its own beside that of his card',
    },
    person: 'taro',
    medium: 'phone',
    issued: [-1, '07-01T03:00:00'],
  },
  {
    ...usual,
    ...HANAKO,
    name: 'lost-and-reissued',
    description: {
      ja: '花子がカードをなくし、再発行を受けた新しいカード（なくしたカードは失効する）',
      en: 'new card of hanako, who lost hers; the lost one is revoked',
    },
    person: 'hanako',
    replaces: { persona: 'hanako', relation: 'reissued' },
    issued: [-1, '10-08T02:40:00'],
  },
  {
    ...usual,
    ...person('故人　久', '1', '319410808'),
    name: 'deceased',
    description: { ja: '亡くなった人のカード', en: 'card of somebody who has died' },
    expectedCode: 'CERT_REVOKED',
    issued: [-2, '08-20T00:30:00'],
    revoked: { at: [-1, '11-30T08:15:00'], reason: 'cessationOfOperation' },
    hasDied: true,
  },
  {
    ...usual,
    ...person('循環　巡', '3', '419990606'),
    name: 'chain-loop',
    description: {
      ja: '更新の記録が循環していて、元にたどり着けないカード',
      en: 'card whose predecessors lead back to itself',
    },
    expectedCode: 'LINK_CHAIN_LOOP',
    forerunners: { count: 2, inCircle: true },
    issued: [-1, '05-25T05:50:00'],
  },
  {
    ...usual,
    ...person('永井　長子', '2', '319300101'),
    name: 'chain-too-long',
    description: {
      ja: '更新の記録が長すぎるカード（25世代）',
      en: 'card with more predecessors (25) than anybody can have',
    },
    expectedCode: 'LINK_CHAIN_TOO_LONG',
    forerunners: { count: 25 },
    issued: [-1, '04-04T04:44:00'],
  },
  {
    ...usual,
    ...person('不通　待男', '1', '319770717'),
    name: 'linkage-down',
    description: {
      ja: '新旧の証明書を確認するサービスが応答しないときの、初めてのカード',
      en: 'unknown card, while the service that knows its predecessor is down',
    },
    expectedCode: 'LINK_SERVICE_UNAVAILABLE',
    linkage: 'down',
    issued: [-1, '03-19T07:07:00'],
  },
]
