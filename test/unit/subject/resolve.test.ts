import { randomBytes, randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import type { AuditEvent } from '../../../src/audit/audit-event.ts'
import { pepperIdentity, type Pepper, type Peppers } from '../../../src/subject/credential-handle.ts'
import { createSubjectResolver } from '../../../src/subject/create-subject-resolver.ts'
import type { SubjectResolver } from '../../../src/subject/resolution.ts'
import { noHandOvers } from '../../support/no-hand-overs.ts'
import { identityOf } from '../../support/certificate-identity.ts'
import { createMemoryCredentialStore, type MemoryCredentialStore } from '../../support/memory-credential-store.ts'

const NOW = new Date('2026-11-22T03:00:00Z')
const OLD: Pepper = { version: 1, key: Buffer.alloc(32, 1) }
const NEW: Pepper = { version: 2, key: Buffer.alloc(32, 2) }

let store: MemoryCredentialStore
let told: AuditEvent[]
let clock: Date
const resolverWith = (peppers: Peppers): SubjectResolver =>
  createSubjectResolver({
    store,
    chains: store,
    handOvers: noHandOvers,
    linkage: { style: 'none' },
    unknownCards: 'new',
    acceptsPhones: false,
    onLinkageUnavailable: () => undefined,
    audit: { append: (event) => Promise.resolve(void told.push(event)) },
    peppers,
    now: () => clock,
    random: randomBytes,
    newId: randomUUID,
  })
let resolver: SubjectResolver

beforeEach(() => {
  store = createMemoryCredentialStore()
  told = []
  clock = NOW
  resolver = resolverWith([OLD])
})

async function firstLogIn(card = 'taro'): Promise<{ accountId: string; credentialId: string }> {
  const created = await resolver.resolve(identityOf(card))
  if (created.outcome !== 'created') throw new Error('not created')
  return created
}

describe('refused', () => {
  test.each([
    ['superseded', 'LINK_CREDENTIAL_SUPERSEDED'],
    ['unlinked', 'LINK_CREDENTIAL_UNLINKED'],
    ['revoked', 'CERT_REVOKED'],
  ] as const)('a credential that is %s', async (status, code) => {
    const { credentialId } = await firstLogIn()
    store.setCredential(credentialId, { status })
    clock = new Date(NOW.getTime() + 1000)
    expect(await resolver.resolve(identityOf('taro'))).toEqual({ outcome: 'refused', code })
    expect(store.credentials[0]?.lastUsedAt).toEqual(NOW)
    expect(told).toEqual([])
  })

  test.each([
    ['suspended', 'LINK_ACCOUNT_SUSPENDED'],
    ['closed', 'LINK_ACCOUNT_CLOSED'],
  ] as const)('a card of an account that is %s', async (status, code) => {
    const { accountId } = await firstLogIn()
    store.setAccountStatus(accountId, status)
    expect(await resolver.resolve(identityOf('taro'))).toEqual({ outcome: 'refused', code })
    expect(await resolver.isActive(accountId)).toBe(false)
  })

  test('a predecessor that was never seen itself, but named as superseded', async () => {
    const { credentialId } = await firstLogIn()
    store.setCredential(credentialId, { status: 'superseded', publicKeyDigest: undefined })
    expect(await resolver.resolve(identityOf('taro'))).toEqual({
      outcome: 'refused',
      code: 'LINK_CREDENTIAL_SUPERSEDED',
    })
  })

  test.each([
    ['another public key', { publicKeyDer: identityOf('hanako').publicKeyDer }],
    ['another issuer key', { issuerKeyId: Buffer.alloc(20, 9) }],
  ])(
    'attack 38: the same issuer name and serial with %s: refused, told to the log, nothing changed',
    async (_what, change) => {
      const ids = await firstLogIn()
      expect(await resolver.resolve(identityOf('taro', change))).toEqual({
        outcome: 'refused',
        code: 'CERT_IDENTITY_CONFLICT',
      })
      expect(told).toEqual([{ type: 'credential.conflict', accountId: ids.accountId, credentialId: ids.credentialId }])
      expect(store.credentials).toHaveLength(1)
      expect(await resolver.resolve(identityOf('taro'))).toMatchObject({ outcome: 'known' })
    },
  )

  test('a contradiction says nothing about a suspended account', async () => {
    const { accountId } = await firstLogIn()
    store.setAccountStatus(accountId, 'suspended')
    const other = identityOf('taro', { publicKeyDer: Buffer.from('other') })
    expect(await resolver.resolve(other)).toMatchObject({ code: 'CERT_IDENTITY_CONFLICT' })
  })
})

describe('resolved', () => {
  test('a first log-in makes an account and says so; the next one finds it and says nothing', async () => {
    const ids = await firstLogIn()
    expect(store.events).toEqual([
      { type: 'account.created', accountId: ids.accountId },
      { type: 'credential.first_seen', accountId: ids.accountId, credentialId: ids.credentialId, kind: 'card-auth' },
    ])
    clock = new Date(NOW.getTime() + 1000)
    expect(await resolver.resolve(identityOf('taro'))).toMatchObject({ ...ids, outcome: 'known' })
    expect(store.events).toHaveLength(2)
    expect(store.credentials[0]?.lastUsedAt).toEqual(clock)
    expect(await resolver.isActive(ids.accountId)).toBe(true)
  })

  test('two cards are two accounts; so are two issuers that gave the same serial', async () => {
    const taro = await firstLogIn('taro')
    const hanako = await firstLogIn('hanako')
    const elsewhere = await resolver.resolve(identityOf('taro', { issuerNameDer: Buffer.from('30023100', 'hex') }))
    expect(elsewhere).toMatchObject({ outcome: 'created' })
    expect(new Set([taro.accountId, hanako.accountId, (elsewhere as typeof taro).accountId]).size).toBe(3)
  })

  test('a card of a merged account reaches the account that is left', async () => {
    const [gone, left] = [await firstLogIn('taro'), await firstLogIn('hanako')]
    store.setAccountStatus(gone.accountId, 'merged', left.accountId)
    expect(await resolver.resolve(identityOf('taro'))).toMatchObject({
      outcome: 'known',
      accountId: left.accountId,
      credentialId: gone.credentialId,
    })
  })

  test('the pepper changes step by step, and every card stays known', async () => {
    const ids = await firstLogIn()
    for (const peppers of [[OLD, NEW], [NEW, OLD], [NEW]] as const) {
      expect(await resolverWith(peppers).resolve(identityOf('taro'))).toMatchObject({ ...ids, outcome: 'known' })
    }
    expect(store.credentials).toHaveLength(1)
    // and whoever dropped the old pepper too early makes a stranger of everyone: the reason for the steps
    expect(await resolver.resolve(identityOf('taro'))).toMatchObject({ outcome: 'created' })
  })
})

describe('subjects', () => {
  test('one for each sector, random, and the same for ever', async () => {
    const { accountId } = await firstLogIn()
    const shop = await resolver.subjectFor(accountId, 'shop.example')
    expect(shop).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(await resolver.subjectFor(accountId, 'shop.example')).toBe(shop)
    expect(await resolver.subjectFor(accountId, 'bank.example')).not.toBe(shop)
  })
})

describe('handles', () => {
  const handleOf = (change: Parameters<typeof identityOf>[1]): string =>
    Buffer.from(pepperIdentity(OLD, identityOf('taro', change)).handle).toString('hex')

  test('HMAC-SHA-256(pepper, issuer name ‖ serial), as an independent computation gives it', () => {
    const identity = { issuerNameDer: Buffer.from('30023100', 'hex'), serialNumber: Buffer.from('0133c349', 'hex') }
    // printf '\x30\x02\x31\x00\x01\x33\xc3\x49' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0101…01
    expect(handleOf(identity)).toBe('e8582539ee9c02aa7625b4e82762e0068661b4aef8c480e47f2eabc96c97ab55')
  })

  test('the issuer key and the public key have no part in it: a contradiction is found, not overlooked', () => {
    expect(handleOf({ issuerKeyId: Buffer.alloc(20), publicKeyDer: Buffer.alloc(9), notAfter: NOW })).toBe(handleOf({}))
    expect(handleOf({ serialNumber: Buffer.from([1]) })).not.toBe(handleOf({ serialNumber: Buffer.from([0, 1]) }))
  })
})
