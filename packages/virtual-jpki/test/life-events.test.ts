import { createPublicKey, X509Certificate } from 'node:crypto'

import { afterAll, beforeEach, describe, expect, test } from 'vitest'

import {
  createVirtualJpki,
  LifeEventRefused,
  type LifeEvent,
  type LifeEventOrder,
  type TokenView,
  type VirtualJpki,
} from '../src/index.ts'
import { askOcsp, seeOcspAnswer } from './ask-ocsp.ts'
import { questionAbout } from './ask-linkage.ts'
import { createOpensslBench } from './run-openssl.ts'
import { VIRTUAL_KEYS } from '../../../test/support/virtual-keys.ts'

const bench = createOpensslBench()
afterAll(async () => {
  await bench.remove()
})

let jpki: VirtualJpki
beforeEach(async () => {
  jpki = await createVirtualJpki({ now: () => new Date('2026-11-22T03:00:00Z'), cacheDirectory: VIRTUAL_KEYS })
})

const residentNow = (persona: string): { card: TokenView; phone: TokenView | undefined; isAlive: boolean } => {
  const found = jpki.people().find((resident) => resident.persona === persona)
  if (found === undefined) throw new Error('nobody is called that')
  return found
}
/** How both certificates of the card stand: `good`, or why they are revoked. */
const standing = (token: TokenView | undefined): readonly (string | undefined)[] =>
  [token?.authentication.status, token?.signature.status].map((status) =>
    status?.status === 'revoked' ? status.reason : status?.status,
  )
const reasonIn = ({ changes }: LifeEvent): readonly string[] =>
  changes.map((change) =>
    change.change === 'revoked'
      ? `${change.medium} ${change.purpose} revoked ${change.reason}`
      : `${change.medium} ${change.purpose} issued ${change.relation ?? 'first'} by ${change.authority}`,
  )

describe('is refused, and changes nothing:', () => {
  test.each<[string, LifeEventOrder, LifeEventRefused['code']]>([
    ['somebody unknown', { event: 'renew', persona: 'nobody' }, 'PERSONA_UNKNOWN'],
    ['a prototype', { event: 'die', persona: '__proto__' }, 'PERSONA_UNKNOWN'],
    ['a first card for somebody who has one', { event: 'issue', persona: 'taro' }, 'PERSONA_TAKEN'],
    ['a name that is none', { event: 'issue', persona: 'Taro Sekisho' }, 'PERSONA_NAME_MALFORMED'],
    ['a name beyond reason', { event: 'issue', persona: 'x'.repeat(65) }, 'PERSONA_NAME_MALFORMED'],
    ['a renewal of the dead', { event: 'renew', persona: 'deceased' }, 'PERSON_DEAD'],
    ['a new card for the dead', { event: 'reissue', persona: 'deceased' }, 'PERSON_DEAD'],
    ['a second death', { event: 'die', persona: 'deceased' }, 'PERSON_DEAD'],
    ['a renewal of a lost card', { event: 'renew', persona: 'revoked' }, 'CARD_REVOKED'],
    ['a stop of a lost card', { event: 'hold', persona: 'revoked' }, 'CARD_REVOKED'],
    ['a phone by means of a lost card', { event: 'phone', persona: 'revoked' }, 'CARD_REVOKED'],
    ['a card of a stranger', { event: 'reissue', persona: 'unknown-ca' }, 'CARD_FOREIGN'],
  ])('%s', async (_name, order, code) => {
    const before = [jpki.registry.list(), jpki.people()]
    await expect(jpki.event(order)).rejects.toThrow(LifeEventRefused)
    await expect(jpki.event(order)).rejects.toMatchObject({ code })
    expect([jpki.registry.list(), jpki.people()]).toEqual(before)
  })

  test.each(['taro', 'taro-renewed'])('an event on %s, once taro-renewed-twice is in the world', async (persona) => {
    await jpki.card('taro-renewed-twice')
    await expect(jpki.event({ event: 'reissue', persona })).rejects.toMatchObject({ code: 'CARD_REPLACED' })
  })

  test('a phone that nobody has', async () => {
    await expect(jpki.phone('taro')).rejects.toThrow(RangeError)
  })
})

describe('issue', () => {
  test('somebody new gets a card that logs in', async () => {
    const event = await jpki.event({ event: 'issue', persona: 'jiro' })
    expect(reasonIn(event)).toEqual([
      'card authentication issued first by authentication-3',
      'card signature issued first by signature-3',
    ])
    const { authentication } = await jpki.card('jiro')
    expect(new X509Certificate(authentication.certificateDer).checkPrivateKey(authentication.privateKey)).toBe(true)
    expect(jpki.previousOf(questionAbout(authentication.certificateDer))).toMatchObject({ result: 'none' })
  })

  test('the same name is the same person in another process', async () => {
    const other = await createVirtualJpki({ now: () => new Date('2026-11-22T03:00:00Z'), cacheDirectory: VIRTUAL_KEYS })
    await Promise.all([jpki, other].map((one) => one.event({ event: 'issue', persona: 'jiro' })))
    const [one, two] = await Promise.all([jpki.card('jiro'), other.card('jiro')])
    expect(two.authentication.certificateDer).toEqual(one.authentication.certificateDer)
  })
})

describe('renew', () => {
  test('new keys, new numbers; the old certificates are superseded, and the link is known', async () => {
    const before = await jpki.card('taro')
    const event = await jpki.event({ event: 'renew', persona: 'taro' })
    expect(reasonIn(event)).toEqual([
      'card authentication revoked superseded',
      'card signature revoked superseded',
      'card authentication issued renewed by authentication-3',
      'card signature issued renewed by signature-3',
    ])
    const after = await jpki.card('taro')
    expect(after).not.toBe(before)
    for (const slot of ['authentication', 'signature'] as const) {
      const [old, fresh] = [questionAbout(before[slot].certificateDer), questionAbout(after[slot].certificateDer)]
      expect(fresh.serialNumber).not.toBe(old.serialNumber)
      expect(createPublicKey(after[slot].privateKey).equals(createPublicKey(before[slot].privateKey))).toBe(false)
      expect(jpki.previousOf(fresh)).toEqual({
        result: 'found',
        previous: { issuerNameDer: old.issuerNameDer, serialNumber: old.serialNumber, relation: 'renewed' },
        asOf: jpki.clock.now(),
      })
    }
    expect(await jpki.card('taro')).toBe(after)
  })

  test('attack 32: OCSP says so at once, of old and new', async () => {
    const old = questionAbout((await jpki.card('taro')).authentication.certificateDer)
    await jpki.event({ event: 'renew', persona: 'taro' })
    const fresh = questionAbout((await jpki.card('taro')).authentication.certificateDer)
    const authority = jpki.authority('authentication', 3)
    const answer = seeOcspAnswer(await jpki.respondOcsp(askOcsp(authority, [old.serialNumber, fresh.serialNumber])))
    expect(answer.singles.map(({ status }) => status)).toEqual(['revoked', 'good'])
  })

  test('who has a certificate of the second generation gets one of the third', async () => {
    await jpki.event({ event: 'renew', persona: 'hanako' })
    expect(residentNow('hanako').card.authentication.authority).toBe('authentication-3')
  })

  test.each([
    ['P1Y', 4],
    ['P8Y', 5],
    ['P12Y', 6],
  ] as const)(
    '%s from now it is a CA that openssl trusts only with its new anchor: generation %i',
    async (by, generation) => {
      const anchorsBefore = jpki.anchors.authentication.map(({ der }) => der)
      jpki.clock.advance(by)
      await jpki.event({ event: 'renew', persona: 'taro' })
      const { authentication } = await jpki.card('taro')
      expect(residentNow('taro').card.authentication.authority).toBe(`authentication-${generation}`)
      expect(jpki.anchors.authentication.map(({ name }) => name).at(-1)).toBe(`virtual-authca0${generation}.pem`)
      const at = String(jpki.clock.now().getTime() / 1000)
      const leaf = bench.certificate(`leaf-${generation}`, authentication.certificateDer)
      const verify = async (name: string, ders: readonly Buffer[]): Promise<number> =>
        (await bench.run('verify', '-attime', at, '-CAfile', bench.certificate(name, ...ders), leaf)).status
      expect(await verify(`old-${generation}`, anchorsBefore)).not.toBe(0)
      expect(
        await verify(
          `new-${generation}`,
          jpki.anchors.authentication.map(({ der }) => der),
        ),
      ).toBe(0)
      // … and its CRL and OCSP are there too
      const { serialNumber } = questionAbout(authentication.certificateDer)
      const asked = askOcsp(jpki.authority('authentication', generation), [serialNumber])
      expect(seeOcspAnswer(await jpki.respondOcsp(asked)).singles[0]?.status).toBe('good')
      expect(await jpki.crl()).toEqual(await jpki.crl({ generation }))
    },
  )

  test('four years and ten months later, and again: each is valid then, to the fifth birthday', async () => {
    for (const year of [2030, 2035, 2040]) {
      jpki.clock.setNow(new Date(`${year}-02-01T00:00:00Z`))
      await jpki.event({ event: 'renew', persona: 'taro' })
      const { validFrom, validTo } = new X509Certificate((await jpki.card('taro')).authentication.certificateDer)
      expect([new Date(validFrom).toISOString(), new Date(validTo).toISOString()]).toEqual([
        `${year}-02-01T00:00:00.000Z`,
        `${year + 4}-04-15T14:59:59.000Z`,
      ])
    }
  })
})

describe('reissue after loss', () => {
  test.each(['keyCompromise', 'unspecified'] as const)('the lost card is revoked: %s', async (reason) => {
    const lost = residentNow('taro').card.authentication
    await jpki.event({ event: 'reissue', persona: 'taro', reason })
    expect(jpki.registry.find(lost.authority, lost.serialNumber)?.status).toMatchObject({ status: 'revoked', reason })
    const fresh = questionAbout((await jpki.card('taro')).authentication.certificateDer)
    expect(jpki.previousOf(fresh)).toMatchObject({
      previous: { serialNumber: lost.serialNumber, relation: 'reissued' },
    })
  })

  test('after a temporary stop: the hold becomes final', async () => {
    await jpki.event({ event: 'hold', persona: 'taro' })
    const held = residentNow('taro').card.authentication
    await jpki.event({ event: 'reissue', persona: 'taro' })
    expect(jpki.registry.find(held.authority, held.serialNumber)?.status).toMatchObject({ reason: 'keyCompromise' })
    expect(standing(residentNow('taro').card)).toEqual(['good', 'good'])
  })

  test('who reported the loss long ago keeps date and reason, and gets a card', async () => {
    const lost = residentNow('revoked').card.authentication
    await jpki.event({ event: 'reissue', persona: 'revoked', reason: 'unspecified' })
    expect(jpki.registry.find(lost.authority, lost.serialNumber)?.status).toEqual(lost.status)
    expect(standing(residentNow('revoked').card)).toEqual(['good', 'good'])
  })
})

describe('what happens to the certificates, and nothing else', () => {
  test.each<[LifeEventOrder['event'], LifeEventOrder, readonly string[]]>([
    ['hold', { event: 'hold', persona: 'taro' }, ['certificateHold', 'certificateHold']],
    ['move', { event: 'move', persona: 'taro' }, ['good', 'affiliationChanged']],
    ['marry', { event: 'marry', persona: 'taro' }, ['good', 'affiliationChanged']],
    ['die', { event: 'die', persona: 'taro' }, ['cessationOfOperation', 'cessationOfOperation']],
  ])('%s', async (_name, order, after) => {
    const others = jpki.registry.list().filter(({ person }) => person !== 'taro')
    await jpki.event(order)
    expect(standing(residentNow('taro').card)).toEqual(after)
    expect(jpki.registry.list().filter(({ person }) => person !== 'taro')).toEqual(others)
  })

  test.each<[string, LifeEventOrder, string]>([
    ['move', { event: 'move', persona: 'taro', address: '架空県隣町一番地' }, '架空県隣町一番地'],
    ['marry', { event: 'marry', persona: 'taro', name: '新姓　太郎' }, '新姓　太郎'],
    ['marry', { event: 'marry', persona: 'taro' }, '縁結　太郎'],
  ])(
    '%s: the next signature certificate says so, the authentication certificate says nothing',
    async (_n, order, said) => {
      await jpki.event(order)
      await jpki.event({ event: 'renew', persona: 'taro' })
      const { authentication, signature } = await jpki.card('taro')
      expect(signature.certificateDer.includes(Buffer.from(said))).toBe(true)
      expect(authentication.certificateDer.includes(Buffer.from(said))).toBe(false)
    },
  )

  test('death takes card and phone, also of the person under another persona’s name; nothing happens afterwards', async () => {
    await jpki.event({ event: 'phone', persona: 'taro-renewed' })
    await jpki.event({ event: 'die', persona: 'taro-renewed' })
    const { card, phone, isAlive } = residentNow('taro-renewed')
    expect([standing(card), standing(phone), isAlive]).toEqual([
      ['cessationOfOperation', 'cessationOfOperation'],
      ['cessationOfOperation', 'cessationOfOperation'],
      false,
    ])
    expect(residentNow('taro').isAlive).toBe(false)
    await expect(jpki.event({ event: 'phone', persona: 'taro' })).rejects.toMatchObject({ code: 'PERSON_DEAD' })
  })
})

describe('phone', () => {
  test('keys and numbers of its own; the card stays as it is', async () => {
    const before = residentNow('taro').card
    await jpki.event({ event: 'phone', persona: 'taro' })
    const [card, phone] = await Promise.all([jpki.card('taro'), jpki.phone('taro')])
    expect(residentNow('taro').card).toEqual(before)
    expect([card.label, phone.label]).toEqual(['JPKIAPICCTOKEN2', 'JPKIAPGPSETOKEN'])
    expect(questionAbout(phone.authentication.certificateDer)).not.toEqual(
      questionAbout(card.authentication.certificateDer),
    )
    expect(jpki.previousOf(questionAbout(phone.authentication.certificateDer))).toMatchObject({ result: 'none' })
    const certificate = new X509Certificate(phone.authentication.certificateDer)
    expect(certificate.checkPrivateKey(phone.authentication.privateKey)).toBe(true)
    expect(certificate.verify(new X509Certificate(phone.authentication.caCertificateDer).publicKey)).toBe(true)
  })

  test('a second phone replaces the first one', async () => {
    await jpki.event({ event: 'phone', persona: 'taro' })
    const first = questionAbout((await jpki.phone('taro')).authentication.certificateDer)
    const event = await jpki.event({ event: 'phone', persona: 'taro' })
    expect(reasonIn(event)[0]).toBe('phone authentication revoked superseded')
    const second = questionAbout((await jpki.phone('taro')).authentication.certificateDer)
    expect(jpki.previousOf(second)).toMatchObject({ previous: { serialNumber: first.serialNumber } })
  })

  test('who moves keeps its authentication certificate and loses its signature certificate', async () => {
    await jpki.event({ event: 'phone', persona: 'taro' })
    await jpki.event({ event: 'move', persona: 'taro' })
    expect(standing(residentNow('taro').phone)).toEqual(['good', 'affiliationChanged'])
  })
})

describe('personas with a past', () => {
  test.each([
    ['taro', [], ['taro', 'taro-renewed', 'taro-renewed-twice']],
    ['taro-renewed', ['taro'], ['taro-renewed', 'taro-renewed-twice']],
    ['taro-renewed-twice', ['taro', 'taro-renewed'], ['taro-renewed-twice']],
  ])('the card of %s revokes those of %j, and not those of %j', async (persona, dead, alive) => {
    await jpki.card(persona)
    for (const name of dead)
      expect([name, ...standing(residentNow(name).card)]).toEqual([name, 'superseded', 'superseded'])
    for (const name of alive) expect([name, ...standing(residentNow(name).card)]).toEqual([name, 'good', 'good'])
  })

  test('they are all good as long as nobody has asked for a card', () => {
    for (const persona of ['taro', 'taro-renewed', 'taro-renewed-twice', 'hanako', 'lost-and-reissued']) {
      expect([persona, ...standing(residentNow(persona).card)]).toEqual([persona, 'good', 'good'])
    }
  })

  test('the new card of hanako revokes the lost one', async () => {
    await jpki.card('lost-and-reissued')
    expect(standing(residentNow('hanako').card)).toEqual(['keyCompromise', 'keyCompromise'])
    expect(standing(residentNow('lost-and-reissued').card)).toEqual(['good', 'good'])
  })

  test('chain-loop revokes nothing of its own', async () => {
    await jpki.card('chain-loop')
    expect(standing(residentNow('chain-loop').card)).toEqual(['good', 'good'])
  })

  test('an event on taro-renewed brings it into the world', async () => {
    await jpki.event({ event: 'move', persona: 'taro-renewed' })
    expect(standing(residentNow('taro').card)).toEqual(['superseded', 'superseded'])
  })
})

test('listeners hear of each event, in order, until they leave; not of what was refused', async () => {
  const heard: string[] = []
  const leave = jpki.onEvent(({ number, event, persona }) => heard.push(`${number} ${event} ${persona}`))
  await jpki.event({ event: 'move', persona: 'taro' })
  await expect(jpki.event({ event: 'renew', persona: 'revoked' })).rejects.toThrow(LifeEventRefused)
  await jpki.event({ event: 'renew', persona: 'taro' })
  leave()
  await jpki.event({ event: 'die', persona: 'taro' })
  expect(heard).toEqual(['1 move taro', '2 renew taro'])
})

test('revoke speaks of the card that a persona has now', async () => {
  await jpki.event({ event: 'renew', persona: 'taro' })
  jpki.revoke({ persona: 'taro' }, 'keyCompromise')
  expect(standing(residentNow('taro').card)).toEqual(['keyCompromise', 'good'])
})
