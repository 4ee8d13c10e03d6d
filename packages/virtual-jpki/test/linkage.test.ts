import { beforeEach, describe, expect, test } from 'vitest'

import {
  createVirtualJpki,
  LINKAGE_MISBEHAVIOURS,
  type LinkageMisbehaviour,
  type LinkageQuestion,
  type PreviousAnswer,
  type VirtualJpki,
} from '../src/index.ts'
import { questionAbout, questionAboutCard, questionAboutKey, walkBack } from './ask-linkage.ts'
import { VIRTUAL_KEYS } from '../../../test/support/virtual-keys.ts'

const now = (): Date => new Date('2026-11-22T03:00:00Z')

let jpki: VirtualJpki
beforeEach(async () => {
  jpki = await createVirtualJpki({ now, cacheDirectory: VIRTUAL_KEYS })
})

describe('is an error, and never "none":', () => {
  test.each<[string, (good: LinkageQuestion) => LinkageQuestion]>([
    ['a number that was never issued', (good) => ({ ...good, serialNumber: 1n })],
    ['a negative number', (good) => ({ ...good, serialNumber: -good.serialNumber })],
    ['another purpose’s CA', (good) => ({ ...good, issuerNameDer: jpki.authority('signature', 3).nameDer })],
    ['another generation’s key', (good) => ({ ...good, issuerKeyId: jpki.authority('authentication', 2).keyId })],
    ['no issuer', (good) => ({ ...good, issuerNameDer: Buffer.alloc(0) })],
    [
      'an issuer with an octet more',
      (good) => ({ ...good, issuerNameDer: Buffer.concat([good.issuerNameDer, Buffer.alloc(1)]) }),
    ],
  ])('%s', async (_name, change) => {
    const question = change(await questionAboutCard(jpki, 'taro'))
    const error = { result: 'error', error: 'unknown-certificate' }
    expect(jpki.previousOf(question)).toEqual(error)
    expect(jpki.personOf(question)).toEqual(error)
  })

  test('attack 38: a card of a stranger that uses the CA’s name', async () => {
    const question = await questionAboutCard(jpki, 'unknown-ca')
    expect(jpki.previousOf(question)).toEqual({ result: 'error', error: 'unknown-certificate' })
  })

  test('a number that two generations have used, without the issuer’s key', async () => {
    const overrides = { serialNumber: 0x12345678n }
    await jpki.issueAuthenticationCertificate({ authority: 2, label: 'two', overrides })
    const { certificateDer } = await jpki.issueAuthenticationCertificate({ authority: 3, label: 'three', overrides })
    const question = questionAbout(certificateDer)
    expect(jpki.previousOf(question)).toEqual({ result: 'error', error: 'ambiguous-certificate' })
    const issuerKeyId = jpki.authority('authentication', 3).keyId
    expect(jpki.previousOf({ ...question, issuerKeyId })).toMatchObject({ result: 'none' })
  })
})

describe('previous of', () => {
  test.each([
    ['taro', [], 'none'],
    ['hanako', [], 'none'],
    ['taro-renewed', ['taro'], 'none'],
    ['taro-renewed-twice', ['taro-renewed', 'taro'], 'none'],
    ['lost-and-reissued', ['hanako'], 'none'],
    ['deceased', [], 'none'],
    ['linkage-down', [], 'unavailable'],
  ] as const)('%s: %j, then %s', async (persona, predecessors, end) => {
    const walked = walkBack(jpki, await questionAboutCard(jpki, persona))
    const numbers = jpki.people().map((one) => [one.persona, one.card.authentication.serialNumber] as const)
    expect(walked.serialNumbers.map((number) => numbers.find(([, known]) => known === number)?.[0])).toEqual(
      predecessors,
    )
    expect(walked.end).toBe(end)
  })

  test('lost-and-reissued says reissued, taro-renewed says renewed', async () => {
    const relation = async (persona: string): Promise<unknown> => {
      const said = jpki.previousOf(await questionAboutCard(jpki, persona))
      return said.result === 'found' && said.previous.relation
    }
    expect([await relation('lost-and-reissued'), await relation('taro-renewed')]).toEqual(['reissued', 'renewed'])
  })

  test('chain-too-long: 25 steps and then none, at the cost of no key', async () => {
    const { serialNumbers, end } = walkBack(jpki, await questionAboutCard(jpki, 'chain-too-long'))
    expect([new Set(serialNumbers).size, end]).toEqual([25, 'none'])
  })

  test('chain-loop: back at the card itself, for ever', async () => {
    const start = await questionAboutCard(jpki, 'chain-loop')
    const { serialNumbers, end } = walkBack(jpki, start, 9)
    expect(end).toBe('limit')
    expect(new Set(serialNumbers).size).toBe(3)
    expect(serialNumbers[2]).toBe(start.serialNumber)
  })

  test('signature certificates have a past of their own', async () => {
    const question = questionAbout((await jpki.card('taro-renewed')).signature.certificateDer)
    const taro = jpki.people().find(({ persona }) => persona === 'taro')?.card.signature.serialNumber
    expect(jpki.previousOf(question)).toMatchObject({ previous: { serialNumber: taro } })
  })

  test('with the issuer’s key or without, again and again: the same answer', async () => {
    const question = await questionAboutCard(jpki, 'taro-renewed')
    const issuerKeyId = jpki.authority('authentication', 3).keyId
    const answers = [question, { ...question, issuerKeyId }, question].map((asked) => jpki.previousOf(asked))
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
    expect(jpki.linkageQuestions()).toBe(3)
  })

  test('any certificate can be given a past, or an outage of its own', async () => {
    const previous = { authority: 'authentication-1', serialNumber: 0x55555555n, relation: 'reissued' } as const
    const one = await jpki.issueAuthenticationCertificate({ label: 'one', previous })
    const two = await jpki.issueAuthenticationCertificate({ label: 'two', linkage: 'unauthorized', person: 'taro' })
    expect(jpki.previousOf(questionAbout(one.certificateDer))).toMatchObject({
      previous: { serialNumber: 0x55555555n, relation: 'reissued' },
    })
    expect(jpki.previousOf(questionAbout(two.certificateDer))).toEqual({ result: 'error', error: 'unauthorized' })
  })
})

describe('person of', () => {
  const personIdOf = (question: LinkageQuestion, tenant?: string): string => {
    const said = jpki.personOf({ ...question, tenant })
    return said.result === 'found' ? said.personId : said.result
  }

  test('one id for old and new, card and phone, authentication and signature', async () => {
    await jpki.event({ event: 'phone', persona: 'taro-renewed-twice' })
    await jpki.event({ event: 'reissue', persona: 'taro-renewed-twice' })
    const tokens = [
      await jpki.card('taro'),
      await jpki.card('taro-renewed'),
      await jpki.card('taro-renewed-twice'),
      await jpki.phone('taro-renewed-twice'),
    ]
    const questions = tokens.flatMap(({ authentication, signature }) => [
      questionAbout(authentication.certificateDer),
      questionAbout(signature.certificateDer),
    ])
    expect(new Set(questions.map(({ serialNumber }) => serialNumber)).size).toBe(8)
    expect(new Set(questions.map((question) => personIdOf(question))).size).toBe(1)
  })

  test('other people have other ids; so has the same one at another tenant', async () => {
    const [taro, hanako] = [await questionAboutCard(jpki, 'taro'), await questionAboutCard(jpki, 'hanako')]
    const ids = [personIdOf(taro), personIdOf(hanako), personIdOf(taro, 'one'), personIdOf(taro, 'two')]
    expect(new Set(ids).size).toBe(4)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/)
  })

  test('the same in another process, and after death', async () => {
    const other = await createVirtualJpki({ now, cacheDirectory: VIRTUAL_KEYS })
    const question = await questionAboutCard(jpki, 'taro')
    await jpki.event({ event: 'die', persona: 'taro' })
    expect(jpki.personOf(question)).toEqual(other.personOf(question))
  })

  test('tenant and person cannot be mistaken for each other', async () => {
    await jpki.event({ event: 'issue', persona: 'b-c' })
    await jpki.event({ event: 'issue', persona: 'c' })
    const [bc, c] = [await questionAboutCard(jpki, 'b-c'), await questionAboutCard(jpki, 'c')]
    expect(personIdOf(bc, 'a')).not.toBe(personIdOf(c, 'a-b'))
  })
})

describe('on order', () => {
  const ask = async (misbehaviour: LinkageMisbehaviour): Promise<PreviousAnswer> =>
    jpki.previousOf(await questionAboutCard(jpki, 'taro-renewed'), { misbehaviour })

  test.each<[LinkageMisbehaviour, unknown]>([
    ['down', { result: 'unavailable' }],
    ['unauthorized', { result: 'error', error: 'unauthorized' }],
    ['unknown-certificate', { result: 'error', error: 'unknown-certificate' }],
    ['denies-link', { result: 'none', asOf: now() }],
    ['stale', { result: 'found', asOf: new Date('2025-11-22T03:00:00Z') }],
    ['from-the-future', { result: 'found', asOf: new Date('2027-11-22T03:00:00Z') }],
  ])('%s', async (misbehaviour, said) => {
    expect(await ask(misbehaviour)).toMatchObject(said as object)
  })

  test.each(
    LINKAGE_MISBEHAVIOURS.filter((name) =>
      ['malformed', 'unknown-member', 'wrong-request-id', 'cut', 'slow', 'dripping', 'http-500', 'garbage'].includes(
        name,
      ),
    ),
  )('%s, which only HTTP shows: unavailable', async (misbehaviour) => {
    expect(await ask(misbehaviour)).toEqual({ result: 'unavailable' })
  })

  test('self-link: the certificate replaced itself', async () => {
    const question = await questionAboutCard(jpki, 'taro')
    expect(jpki.previousOf(question, { misbehaviour: 'self-link' })).toMatchObject({
      previous: { serialNumber: question.serialNumber },
    })
  })

  test('wrong-person: a certificate of somebody else, and that one’s id', async () => {
    const question = await questionAboutCard(jpki, 'taro-renewed')
    const said = jpki.previousOf(question, { misbehaviour: 'wrong-person' })
    if (said.result !== 'found') throw new Error(said.result)
    const other = jpki.registry.find('authentication-3', said.previous.serialNumber)
    expect(other?.person).not.toBe('taro')
    expect(jpki.personOf(question, { misbehaviour: 'wrong-person' })).not.toEqual(jpki.personOf(question))
  })

  test('wrong-issuer: the number under the name of the other CA', async () => {
    expect(await ask('wrong-issuer')).toMatchObject({
      previous: { issuerNameDer: jpki.authority('signature', 3).nameDer },
    })
  })

  test('endless-chain: always one more, never the same twice, the same answer to the same question', async () => {
    jpki.misbehave({ linkage: 'endless-chain' })
    const start = await questionAboutCard(jpki, 'taro')
    const { serialNumbers, end } = walkBack(jpki, start, 100)
    expect([new Set(serialNumbers).size, end]).toEqual([100, 'limit'])
    expect(walkBack(jpki, start, 100).serialNumbers).toEqual(serialNumbers)
  })

  test('a standing order holds until it is taken back; an order for one answer goes before it', async () => {
    const question = await questionAboutCard(jpki, 'taro')
    jpki.misbehave({ linkage: 'down' })
    expect(jpki.previousOf(question)).toEqual({ result: 'unavailable' })
    expect(jpki.personOf(question)).toEqual({ result: 'unavailable' })
    expect(jpki.previousOf(question, { misbehaviour: 'denies-link' })).toMatchObject({ result: 'none' })
    jpki.misbehave({})
    expect(jpki.previousOf(question)).toMatchObject({ result: 'none' })
  })
})

test('a key without a certificate can be asked about too', () => {
  const entry = jpki.registry.list('authentication-3').find(({ holder }) => holder === 'chain-too-long forerunner 1')
  if (entry === undefined) throw new Error('no forerunner')
  expect(jpki.previousOf(questionAboutKey(jpki, entry))).toMatchObject({ result: 'none' })
})
