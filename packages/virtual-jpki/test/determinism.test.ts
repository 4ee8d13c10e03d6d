import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createVirtualJpki, KEY_ALGORITHMS } from '../src/index.ts'
import { createKeyStore } from '../src/key/create-key-store.ts'
import { createHmacDrbg, createSeededStream } from '../src/key/hmac-drbg.ts'

const now = (): Date => new Date('2026-11-22T03:00:00Z')

const publicKeyOf = (key: KeyObject): string =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('hex')
const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex')

describe('the same seed', () => {
  test('gives the same keys, serial numbers and certificates in another instance', async () => {
    const [one, other] = await Promise.all([createVirtualJpki({ now }), createVirtualJpki({ now })])
    expect(other.anchors).toEqual(one.anchors)
    const cards = await Promise.all([one.card('taro'), other.card('taro')])
    expect(publicKeyOf(cards[1].authentication.privateKey)).toBe(publicKeyOf(cards[0].authentication.privateKey))
    expect(cards[1].authentication.certificateDer).toEqual(cards[0].authentication.certificateDer)
    expect(cards[1].signature.certificateDer).toEqual(cards[0].signature.certificateDer)
    expect(other.registry.list()).toEqual(one.registry.list())
  })

  test('gives the key that it has always given, on every machine and with every Node', async () => {
    const jpki = await createVirtualJpki({ now })
    const { authentication } = await jpki.card('taro')
    expect(sha256(Buffer.from(publicKeyOf(authentication.privateKey), 'hex'))).toBe(
      'bb4ef32f9cda4d56a5b2fce5e09bb7d742256505272e6c7d73072f86194828a4',
    )
    expect(jpki.registry.list('authentication-3')[0]).toMatchObject({ holder: 'taro', serialNumber: 791720239n })
  })

  test('gives the same keys and serial numbers years later, with later dates', async () => {
    const [early, late] = await Promise.all([
      createVirtualJpki({ now }),
      createVirtualJpki({ now: () => new Date('2031-02-03T00:00:00Z') }),
    ])
    const cards = await Promise.all([early.card('hanako'), late.card('hanako')])
    expect(publicKeyOf(cards[1].authentication.privateKey)).toBe(publicKeyOf(cards[0].authentication.privateKey))
    expect(late.registry.list().map(({ serialNumber }) => serialNumber)).toEqual(
      early.registry.list().map(({ serialNumber }) => serialNumber),
    )
    expect(cards[1].authentication.certificateDer).not.toEqual(cards[0].authentication.certificateDer)
  })

  test('the order in which things are asked for does not matter', async () => {
    const [one, other] = [createKeyStore({ seed: 'order' }), createKeyStore({ seed: 'order' })]
    const first = await one.key('a')
    await one.key('b')
    await other.key('b')
    expect(publicKeyOf(await other.key('a'))).toBe(publicKeyOf(first))
  })
})

test('another seed gives other keys and other serial numbers', async () => {
  const [one, other] = await Promise.all([
    createVirtualJpki({ now, seed: 'one' }),
    createVirtualJpki({ now, seed: 'other' }),
  ])
  expect(other.authority('authentication', 3).keyId).not.toEqual(one.authority('authentication', 3).keyId)
  const numbers = new Set(one.registry.list().map(({ serialNumber }) => serialNumber))
  expect(other.registry.list().filter(({ serialNumber }) => numbers.has(serialNumber))).toEqual([])
})

test('streams with another label, another seed or another border between them are unrelated', () => {
  const heads = [
    ['seed', 'label'],
    ['seed', 'label2'],
    ['seed2', 'label'],
    ['see', 'dlabel'],
  ].map(([seed = '', label = '']) => createSeededStream(seed, label).take(32).toString('hex'))
  expect(new Set(heads).size).toBe(heads.length)
})

test('HMAC_DRBG agrees with NIST: CAVP, SHA-256, no prediction resistance, first count', () => {
  const entropyAndNonce =
    'ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488' + '659ba96c601dc69fc902940805ec0ca8'
  const stream = createHmacDrbg(Buffer.from(entropyAndNonce, 'hex'))
  stream.take(128) // the vector shows the second of two draws
  expect(stream.take(128).toString('hex')).toBe(
    'e528e9abf2dece54d47c7e75e5fe302149f817ea9fb4bee6f4199697d04d5b89d54fbb978a15b5c443c9ec21036d2460b6f73ebad0dc2aba6e624abf07745bc107694bb7547bb0995f70de25d6b29e2d3011bb19d27676c07162c8b5ccde0668961df86803482cb37ed6d5c0bb8d50cf1f50d476aa0458bdaba806f48be9dcb8',
  )
})

test('HMAC_DRBG goes on where it stopped, and never repeats itself', () => {
  const stream = createSeededStream('seed', 'label')
  const blocks = Array.from({ length: 50 }, () => stream.take(32).toString('hex'))
  expect(new Set(blocks).size).toBe(50)
})

describe('a generated key', () => {
  test.each(KEY_ALGORITHMS)('%s signs what its public half verifies', async (algorithm) => {
    const key = await createKeyStore({ seed: 'algorithms' }).key('one', algorithm)
    const hash = algorithm === 'ed25519' ? null : 'sha256'
    const message = Buffer.from('sekisho')
    expect(verify(hash, message, createPublicKey(key), sign(hash, message, key))).toBe(true)
  })

  test.each([
    ['rsa-2048', 2048, 65537n],
    ['rsa-1024', 1024, 65537n],
    ['rsa-2048-e3', 2048, 3n],
  ] as const)('%s has %i bits and exponent %i', async (algorithm, modulusLength, publicExponent) => {
    const key = await createKeyStore({ seed: 'algorithms' }).key('one', algorithm)
    expect(key.asymmetricKeyDetails).toMatchObject({ modulusLength, publicExponent })
  })

  test('every part of an RSA key fits the others', async () => {
    const key = await createKeyStore({ seed: 'parts' }).key('one')
    const jwk = key.export({ format: 'jwk' })
    const part = (name: 'n' | 'e' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi'): bigint =>
      BigInt(`0x${Buffer.from(jwk[name] ?? '', 'base64url').toString('hex')}`)
    const [n, e, d, p, q] = [part('n'), part('e'), part('d'), part('p'), part('q')]
    expect(p * q).toBe(n)
    expect(p > q).toBe(true)
    expect([(e * d) % (p - 1n), (e * d) % (q - 1n)]).toEqual([1n, 1n])
    expect([part('dp'), part('dq'), (part('qi') * q) % p]).toEqual([d % (p - 1n), d % (q - 1n), 1n])
  })
})

describe('the cache directory', () => {
  let parent: string
  beforeAll(() => {
    parent = mkdtempSync(join(tmpdir(), 'sekisho-key-cache-'))
  })
  afterAll(() => rm(parent, { recursive: true, force: true }))

  test('keeps each key in a file that only its owner reads, and reads it again', async () => {
    const cacheDirectory = join(parent, 'fresh')
    const made = await createKeyStore({ seed: 's', cacheDirectory }).key('one')
    const files = readdirSync(cacheDirectory)
    expect(files).toHaveLength(1)
    expect(statSync(cacheDirectory).mode & 0o777).toBe(0o700)
    expect(statSync(join(cacheDirectory, files[0] ?? '')).mode & 0o777).toBe(0o600)

    // Another key in its place proves that the file is read, not made anew.
    const planted = await createKeyStore({ seed: 'planted' }).key('one')
    const file = join(cacheDirectory, files[0] ?? '')
    writeFileSync(file, planted.export({ format: 'der', type: 'pkcs8' }))
    const read = await createKeyStore({ seed: 's', cacheDirectory }).key('one')
    expect(publicKeyOf(read)).toBe(publicKeyOf(planted))
    expect(publicKeyOf(read)).not.toBe(publicKeyOf(made))
  })

  test.each([
    ['a damaged file', Buffer.from('not a key')],
    ['an empty file', Buffer.alloc(0)],
  ])('%s is made good', async (name, content) => {
    const cacheDirectory = join(parent, name.replaceAll(' ', '-'))
    const made = await createKeyStore({ seed: 's', cacheDirectory }).key('one')
    const file = join(cacheDirectory, readdirSync(cacheDirectory)[0] ?? '')
    const good = readFileSync(file)
    writeFileSync(file, content)
    const again = await createKeyStore({ seed: 's', cacheDirectory }).key('one')
    expect(publicKeyOf(again)).toBe(publicKeyOf(made))
    expect(readFileSync(file)).toEqual(good)
  })

  test('a directory that cannot be made is a fault, not a key without a cache', async () => {
    const inTheWay = join(parent, 'file')
    writeFileSync(inTheWay, '')
    chmodSync(inTheWay, 0o600)
    await expect(createKeyStore({ seed: 's', cacheDirectory: join(inTheWay, 'cache') }).key('one')).rejects.toThrow(
      /ENOTDIR/,
    )
  })

  test('without one, nothing is written', async () => {
    const before = readdirSync(parent)
    await createKeyStore({ seed: 's' }).key('one')
    expect(readdirSync(parent)).toEqual(before)
    expect(existsSync('sekisho')).toBe(false)
  })
})
