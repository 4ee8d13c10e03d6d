import { createSecretKey, randomBytes } from 'node:crypto'
import { buildTranscript } from '@sekisho/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import type { CardResponse, Judgement, RevocationVerdict } from '../../../src/certificate/judgement.ts'
import type { ErrorCode } from '../../../src/error-registry/registry.ts'
import { open, seal } from '../../../src/sealing/seal.ts'
import type { AccountResolver, ResolvedAccount } from '../../../src/sign-in/account-resolver.ts'
import { createSignIn, type SignIn } from '../../../src/sign-in/sign-in.ts'
import { CHOICE_LIFE_MS, CHOICE_TRIES } from '../../../src/sign-in/keep-choice.ts'
import { CLAIMED_LIFE_MS, COMPLETION_LIFE_MS, TICKET_LIFE_MS } from '../../../src/sign-in/ticket-states.ts'
import { createInMemoryChoiceStore } from '../../support/in-memory-choice-store.ts'
import { createInMemoryTicketStore } from '../../support/in-memory-ticket-store.ts'

const ISSUER = 'https://id.example'
const START = new Date('2026-11-22T00:00:00Z')
const checkedAt = new Date('2026-11-21T23:00:00Z')
const GOOD: RevocationVerdict = { status: 'good', method: 'ocsp', source: 'test', checkedAt }
const IDENTITY = {
  medium: 'card' as const,
  issuerNameDer: randomBytes(40),
  serialNumber: Buffer.from('5E41A1C0', 'hex'),
  issuerKeyId: randomBytes(20),
  publicKeyDer: randomBytes(80),
  notAfter: new Date('2030-01-01T00:00:00Z'),
}
const ACCEPT: Judgement = { verdict: 'good', identity: IDENTITY, revocation: GOOD, checks: [] }
const SIGNED = {
  format: 'sekisho:1',
  certificate: 'AAAA',
  algorithm: 'RS256',
  signature: 'AAAA',
  agent: { name: 'test', version: '1' },
}
const REQUEST = {
  interactionId: 'interaction-a',
  clientId: 'shop',
  relyingParty: { name: 'Shop', origin: 'https://shop.example' },
  revocationPolicy: 'require-good',
  locale: 'ja',
} as const

let now: Date
let judged: CardResponse[]
let judgement: Judgement | Error
let resolution: Awaited<ReturnType<AccountResolver['resolve']>>
let resolved: number
let chosen: string[]
let admission: ResolvedAccount
let journal: string[]
let faults: unknown[]
let tickets: ReturnType<typeof createInMemoryTicketStore>
let choices: ReturnType<typeof createInMemoryChoiceStore>
let signIn: SignIn

beforeEach(() => {
  now = START
  judged = []
  judgement = ACCEPT
  resolution = { outcome: 'known', accountId: 'account-1', credentialId: 'credential-1' }
  resolved = 0
  chosen = []
  admission = { outcome: 'created', accountId: 'account-2', credentialId: 'credential-2' }
  choices = createInMemoryChoiceStore()
  journal = []
  faults = []
  tickets = createInMemoryTicketStore()
  const key = createSecretKey(randomBytes(32))
  signIn = createSignIn({
    tickets,
    choices,
    providerOrigin: ISSUER,
    now: () => now,
    random: (bytes) => randomBytes(bytes),
    sealer: { seal: (purpose, plain) => seal(key, purpose, plain), open: (purpose, box) => open(key, purpose, box) },
    judge: {
      judge: (response) => {
        judged.push(response)
        return judgement instanceof Error ? Promise.reject(judgement) : Promise.resolve(judgement)
      },
    },
    accounts: {
      resolve: () => {
        resolved += 1
        return Promise.resolve(resolution)
      },
      admit: () => {
        chosen.push('new')
        return Promise.resolve(admission)
      },
      redeem: (_identity, typedCode) => {
        chosen.push(typedCode)
        return Promise.resolve(admission)
      },
    },
    journal: {
      refused: ({ code }) => Promise.resolve(void journal.push(`refused ${code}`)),
      succeeded: ({ accountId }) => Promise.resolve(void journal.push(`succeeded ${accountId}`)),
    },
    onFault: (fault) => faults.push(fault),
  })
})

const later = (ms: number) => {
  now = new Date(now.getTime() + ms)
}
const refusal = (code: ErrorCode): unknown => expect.objectContaining({ name: 'Refusal', code })

async function answered(body: unknown = SIGNED): Promise<string> {
  const ticket = await signIn.openTicket(REQUEST)
  await signIn.claimTicket(ticket)
  return (await signIn.answerTicket(ticket, body)).completionCode
}

describe('claiming a ticket', () => {
  test.each(['', 'short', 'x'.repeat(44), `${'a'.repeat(42)}=`, '../../etc/passwd', `${'a'.repeat(42)}\n`])(
    'a ticket id %j is malformed',
    async (id) => {
      await expect(signIn.claimTicket(id)).rejects.toEqual(refusal('SIGNIN_TICKET_MALFORMED'))
    },
  )

  test('an unknown ticket is not found', async () => {
    await expect(signIn.claimTicket('a'.repeat(43))).rejects.toEqual(refusal('SIGNIN_TICKET_NOT_FOUND'))
  })

  test('a second fetch never gets it', async () => {
    const ticket = await signIn.openTicket(REQUEST)
    await signIn.claimTicket(ticket)
    await expect(signIn.claimTicket(ticket)).rejects.toEqual(refusal('SIGNIN_TICKET_CLAIMED'))
  })

  test('of 50 agents at once exactly one gets it', async () => {
    const ticket = await signIn.openTicket(REQUEST)
    const claims = await Promise.allSettled(Array.from({ length: 50 }, () => signIn.claimTicket(ticket)))
    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('attack 21: a ticket ends with its life to the millisecond', async () => {
    const [early, late] = [await signIn.openTicket(REQUEST), await signIn.openTicket(REQUEST)]
    later(TICKET_LIFE_MS - 1)
    await expect(signIn.claimTicket(early)).resolves.toMatchObject({ expires_at: '2026-11-22T00:05:00.000Z' })
    later(1)
    await expect(signIn.claimTicket(late)).rejects.toEqual(refusal('SIGNIN_TICKET_EXPIRED'))
  })

  test('it says who asks, and nothing of the interaction but a digest', async () => {
    const ticket = await signIn.claimTicket(await signIn.openTicket(REQUEST))
    expect(ticket).toMatchObject({
      format: 'sekisho:1',
      relying_party: { name: 'Shop', origin: 'https://shop.example' },
      locale: 'ja',
      expires_at: new Date(START.getTime() + CLAIMED_LIFE_MS).toISOString(),
    })
    expect(JSON.parse(ticket.context)).toEqual({
      client_id: 'shop',
      interaction: expect.stringMatching(/^[\w-]{43}$/) as string,
      acr: 'phrh',
    })
    expect(JSON.stringify(ticket)).not.toContain('interaction-a')
  })

  test('an interaction opens ten tickets and no more', async () => {
    for (let i = 0; i < 10; i++) await signIn.openTicket(REQUEST)
    await expect(signIn.openTicket(REQUEST)).rejects.toEqual(refusal('SIGNIN_RATE_LIMITED'))
    await expect(signIn.openTicket({ ...REQUEST, interactionId: 'interaction-b' })).resolves.toHaveLength(43)
  })
})

describe('answering a ticket', () => {
  test('one that no agent claimed is refused', async () => {
    const ticket = await signIn.openTicket(REQUEST)
    await expect(signIn.answerTicket(ticket, SIGNED)).rejects.toEqual(refusal('SIGNIN_TICKET_NOT_FOUND'))
    expect(judged).toHaveLength(0)
  })

  test.each([
    ['not JSON at all', undefined],
    ['another format', { ...SIGNED, format: 'sekisho:2' }],
    ['an unknown field', { ...SIGNED, digest: 'AAAA' }],
    ['an algorithm that is none', { ...SIGNED, algorithm: 'none' }],
    ['base64url instead of base64', { ...SIGNED, signature: 'A-_A' }],
    ['a truncated certificate text', { ...SIGNED, certificate: 'AAA' }],
    ['an error no agent may send', { format: 'sekisho:1', error: 'CERT_REVOKED' }],
    ['an error and a signature', { ...SIGNED, error: 'PIN_BLOCKED' }],
    ['a list', [SIGNED]],
  ])('%s is malformed, and the nonce is used up all the same', async (_name, body) => {
    const ticket = await signIn.openTicket(REQUEST)
    await signIn.claimTicket(ticket)
    await expect(signIn.answerTicket(ticket, body)).rejects.toEqual(refusal('SIGNIN_RESPONSE_MALFORMED'))
    await expect(signIn.answerTicket(ticket, SIGNED)).rejects.toEqual(refusal('SIGNIN_TICKET_USED'))
    expect(judged).toHaveLength(0)
    expect(journal).toEqual(['refused SIGNIN_RESPONSE_MALFORMED'])
  })

  test('attack 19: the same answer twice is judged once', async () => {
    const ticket = await signIn.openTicket(REQUEST)
    await signIn.claimTicket(ticket)
    await signIn.answerTicket(ticket, SIGNED)
    await expect(signIn.answerTicket(ticket, SIGNED)).rejects.toEqual(refusal('SIGNIN_TICKET_USED'))
    expect(judged).toHaveLength(1)
  })

  test('attack 19: of 50 answers at once exactly one is judged', async () => {
    const ticket = await signIn.openTicket(REQUEST)
    await signIn.claimTicket(ticket)
    const answers = await Promise.allSettled(Array.from({ length: 50 }, () => signIn.answerTicket(ticket, SIGNED)))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(judged).toHaveLength(1)
  })

  test('attack 21: two minutes after it was shown it is too late', async () => {
    const ticket = await signIn.openTicket(REQUEST)
    await signIn.claimTicket(ticket)
    later(CLAIMED_LIFE_MS)
    await expect(signIn.answerTicket(ticket, SIGNED)).rejects.toEqual(refusal('SIGNIN_TICKET_EXPIRED'))
    expect(judged).toHaveLength(0)
  })

  test('attacks 20 and 22: the transcript is rebuilt from our own origin, nonce and context', async () => {
    const ticket = await signIn.openTicket(REQUEST)
    const { nonce, context } = await signIn.claimTicket(ticket)
    await signIn.answerTicket(ticket, SIGNED)
    expect(judged[0]?.transcript).toEqual(buildTranscript({ providerOrigin: ISSUER, nonce, context }))
    expect(judged[0]?.revocationPolicy).toBe('require-good')
  })

  test('what waits for the browser is sealed: the store holds no serial', async () => {
    await answered()
    const serial = Buffer.from(IDENTITY.serialNumber)
    for (const encoding of ['hex', 'base64', 'latin1'] as const) {
      expect(tickets.dump()).not.toContain(serial.toString(encoding))
    }
    expect(tickets.states()).toEqual(['accepted'])
  })

  test('a fault while judging refuses, is told to the operator, and lets the person land', async () => {
    judgement = new Error('boom')
    const code = await answered()
    await expect(signIn.completeSignIn(code, REQUEST.interactionId)).resolves.toEqual({
      outcome: 'refused',
      code: 'SERVER_FAILED',
    })
    expect(faults).toHaveLength(1)
    expect(resolved).toBe(0)
  })
})

describe('completing', () => {
  test.each([undefined, '', 'a', ['a'.repeat(43)], 'a'.repeat(43)])('a code %j opens nothing', async (code) => {
    await expect(signIn.completeSignIn(code, REQUEST.interactionId)).rejects.toEqual(
      refusal('SIGNIN_COMPLETION_INVALID'),
    )
  })

  test.each([undefined, '', 'interaction-b'])(
    'attacks 12, 13, 22: a code in a browser with the interaction %j logs nobody in, and is dead everywhere after',
    async (otherInteraction) => {
      const code = await answered()
      await expect(signIn.completeSignIn(code, otherInteraction)).rejects.toEqual(refusal('SIGNIN_OTHER_BROWSER'))
      await expect(signIn.completeSignIn(code, REQUEST.interactionId)).rejects.toEqual(
        refusal('SIGNIN_COMPLETION_INVALID'),
      )
      expect(resolved).toBe(0)
      expect(journal).toEqual(['refused SIGNIN_OTHER_BROWSER'])
    },
  )

  test('of 50 tries at once exactly one signs in', async () => {
    const code = await answered()
    const tries = await Promise.allSettled(
      Array.from({ length: 50 }, () => signIn.completeSignIn(code, REQUEST.interactionId)),
    )
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(resolved).toBe(1)
  })

  test('attack 21: a minute later it is too late', async () => {
    const code = await answered()
    later(COMPLETION_LIFE_MS)
    await expect(signIn.completeSignIn(code, REQUEST.interactionId)).rejects.toEqual(
      refusal('SIGNIN_COMPLETION_INVALID'),
    )
  })

  test('an error of the agent lands in the browser with its code', async () => {
    const code = await answered({ format: 'sekisho:1', error: 'PIN_BLOCKED' })
    await expect(signIn.completeSignIn(code, REQUEST.interactionId)).resolves.toEqual({
      outcome: 'refused',
      code: 'PIN_BLOCKED',
    })
    expect(journal).toEqual(['refused PIN_BLOCKED'])
  })

  test.each(['CERT_EXPIRED', 'CERT_REVOKED', 'REV_UNAVAILABLE'] as const)(
    'a judged %s lands likewise',
    async (code) => {
      judgement = { verdict: 'refused', code, checks: [] }
      await expect(signIn.completeSignIn(await answered(), REQUEST.interactionId)).resolves.toEqual({
        outcome: 'refused',
        code,
      })
      expect(resolved).toBe(0)
      expect(journal).toEqual([`refused ${code}`])
    },
  )

  test.each(['CERT_IDENTITY_CONFLICT', 'LINK_ACCOUNT_SUSPENDED'] as const)(
    'an account refused with %s signs nobody in',
    async (code) => {
      resolution = { outcome: 'refused', code }
      await expect(signIn.completeSignIn(await answered(), REQUEST.interactionId)).resolves.toEqual({
        outcome: 'refused',
        code,
      })
      expect(journal).toEqual([`refused ${code}`])
    },
  )

  test('a checked certificate is phrh', async () => {
    await expect(signIn.completeSignIn(await answered(), REQUEST.interactionId)).resolves.toEqual({
      outcome: 'signed-in',
      accountId: 'account-1',
      credentialId: 'credential-1',
      isNewAccount: false,
      acr: 'phrh',
      amr: ['sc', 'hwk', 'pin', 'mfa', 'user'],
      revocation: GOOD,
    })
    expect(journal).toEqual(['succeeded account-1'])
    expect(tickets.states()).toEqual(['completed'])
  })

  test.each([
    { status: 'unknown', method: 'ocsp', source: 'test', checkedAt },
    { status: 'unavailable', cause: 'timeout', method: 'ocsp', source: 'test', checkedAt },
  ] as const)('a certificate of which revocation is $status says so in its acr', async (revocation) => {
    judgement = { verdict: 'unchecked', identity: IDENTITY, revocation, checks: [] }
    await expect(signIn.completeSignIn(await answered(), REQUEST.interactionId)).resolves.toMatchObject({
      acr: 'urn:sekisho:acr:revocation-unchecked',
      revocation,
    })
  })
})

describe('an unknown card that nobody can be asked about', () => {
  const choose = { kind: 'new' } as const
  const handOver = (typedCode: string) => ({ kind: 'hand-over', typedCode }) as const
  async function asked(): Promise<string> {
    resolution = { outcome: 'newcomer' }
    const completion = await signIn.completeSignIn(await answered(), REQUEST.interactionId)
    if (completion.outcome !== 'choice-needed') throw new Error(completion.outcome)
    return completion.choiceToken
  }

  test('signs nobody in before the person has answered, and what waits is sealed', async () => {
    expect(await asked()).toMatch(/^[\w-]{43}$/)
    expect([chosen, journal]).toEqual([[], []])
    const serial = Buffer.from(IDENTITY.serialNumber)
    for (const encoding of ['hex', 'base64', 'latin1'] as const) {
      expect(choices.dump()).not.toContain(serial.toString(encoding))
    }
  })

  test.each([undefined, '', 'a', ['a'.repeat(43)], 'a'.repeat(43)])('a token %j opens nothing', async (token) => {
    await asked()
    await expect(signIn.chooseAccount(token, REQUEST.interactionId, choose)).rejects.toEqual(
      refusal('SIGNIN_CHOICE_INVALID'),
    )
    expect(chosen).toEqual([])
  })

  test.each([undefined, '', 'interaction-b'])(
    'attacks 12, 13, 22: a token in a browser with the interaction %j chooses nothing, and is dead everywhere after',
    async (otherInteraction) => {
      const token = await asked()
      await expect(signIn.chooseAccount(token, otherInteraction, choose)).rejects.toEqual(
        refusal('SIGNIN_OTHER_BROWSER'),
      )
      await expect(signIn.chooseAccount(token, REQUEST.interactionId, choose)).rejects.toEqual(
        refusal('SIGNIN_CHOICE_INVALID'),
      )
      expect(chosen).toEqual([])
      expect(journal).toEqual(['refused SIGNIN_OTHER_BROWSER'])
    },
  )

  test('ten minutes later it is too late', async () => {
    const token = await asked()
    later(CHOICE_LIFE_MS)
    await expect(signIn.chooseAccount(token, REQUEST.interactionId, choose)).rejects.toEqual(
      refusal('SIGNIN_CHOICE_INVALID'),
    )
  })

  test('a completion code is no choice token, and the other way round', async () => {
    const code = await answered()
    await expect(signIn.chooseAccount(code, REQUEST.interactionId, choose)).rejects.toEqual(
      refusal('SIGNIN_CHOICE_INVALID'),
    )
    await expect(signIn.completeSignIn(await asked(), REQUEST.interactionId)).rejects.toEqual(
      refusal('SIGNIN_COMPLETION_INVALID'),
    )
  })

  test('of 50 answers at once exactly one is heard', async () => {
    const token = await asked()
    const tries = await Promise.allSettled(
      Array.from({ length: 50 }, () => signIn.chooseAccount(token, REQUEST.interactionId, choose)),
    )
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(chosen).toEqual(['new'])
  })

  test.each([
    ['LINK_HAND_OVER_CODE_MISTYPED', 1],
    // a code that is tried out is seen in the log each time; a slip of the hand only as the refusal it ends with
    ['LINK_HAND_OVER_CODE_INVALID', CHOICE_TRIES],
  ] as const)('%s: it may be typed again, five times in all', async (code, recorded) => {
    admission = { outcome: 'refused', code }
    let token = await asked()
    for (let n = 1; n < CHOICE_TRIES; n++) {
      const completion = await signIn.chooseAccount(token, REQUEST.interactionId, handOver(`typed ${n}`))
      if (completion.outcome !== 'choice-needed') throw new Error(completion.outcome)
      expect(completion.refused).toBe(code)
      token = completion.choiceToken
    }
    await expect(signIn.chooseAccount(token, REQUEST.interactionId, handOver('the last'))).resolves.toEqual({
      outcome: 'refused',
      code,
    })
    expect(chosen).toHaveLength(CHOICE_TRIES)
    expect(journal).toEqual(Array.from({ length: recorded }, () => `refused ${code}`))
  })

  test.each([
    ['I am new here', choose, 'new'],
    ['a hand-over code', handOver('ABCDE'), 'ABCDE'],
  ])('%s signs in with what the card was judged to be', async (_what, choice, heard) => {
    await expect(signIn.chooseAccount(await asked(), REQUEST.interactionId, choice)).resolves.toMatchObject({
      outcome: 'signed-in',
      accountId: 'account-2',
      isNewAccount: true,
      acr: 'phrh',
      revocation: GOOD,
    })
    expect(chosen).toEqual([heard])
    expect(journal).toEqual(['succeeded account-2'])
  })
})
