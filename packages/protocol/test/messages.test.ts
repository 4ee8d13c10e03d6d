import {
  AGENT_FAILURE_CODES,
  agentApiErrorSchema,
  completionSchema,
  contextSchema,
  responseSchema,
  ticketIdSchema,
  ticketSchema,
} from '@sekisho/protocol'
import { describe, expect, test } from 'vitest'
import type { z } from 'zod'

const HASH = 'Fn1LCdAU8hjEKr9euzl6L8gZQB_nCSI_vXKfH46eeQ4'

const ticket = {
  format: 'sekisho:1',
  nonce: HASH,
  context: `{"client_id":"shop","interaction":"${HASH}","acr":"phrh"}`,
  relying_party: { name: '関所の店', origin: 'https://shop.example' },
  locale: 'ja',
  expires_at: '2026-11-22T05:00:00Z',
}

const agent = { name: 'sekisho-agent', version: '0.1.0' }
const signed = { format: 'sekisho:1', certificate: 'MIIB', algorithm: 'RS256', signature: 'AQID', agent }
const failed = { format: 'sekisho:1', error: 'PIN_BLOCKED' }

type Change = Readonly<Record<string, unknown>>

/** The message with some fields changed; `undefined` takes a field away, as it would be missing in JSON. */
function changed(message: Change, change: Change): unknown {
  return JSON.parse(JSON.stringify({ ...message, ...change }))
}

function expectRefused(schema: z.ZodType, message: unknown): void {
  expect(schema.safeParse(message).success).toBe(false)
}

/** What is wrong with any message. */
const NEVER: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['a list', []],
  ['a text', 'sekisho:1'],
  ['nothing', {}],
]

describe('ticket: refused', () => {
  const party = ticket.relying_party
  test.each<readonly [string, Change]>([
    ['another format', { format: 'sekisho:2' }],
    ['a format in upper case', { format: 'SEKISHO:1' }],
    ['no format', { format: undefined }],
    ['a field too many', { digest: 'AAAA' }],
    ['attack 24: a digest to sign', { digest_info: '3031300d' }],
    ['no nonce', { nonce: undefined }],
    ['a short nonce', { nonce: HASH.slice(1) }],
    ['a long nonce', { nonce: `${HASH}A` }],
    ['a nonce of the other base64', { nonce: `${HASH.slice(1)}+` }],
    ['a nonce with a line feed', { nonce: `${HASH}\n` }],
    ['a list of nonces', { nonce: [HASH] }],
    ['a context that is an object', { context: { client_id: 'shop' } }],
    ['an empty context', { context: '' }],
    ['an oversize context', { context: 'x'.repeat(2049) }],
    ['no relying party', { relying_party: undefined }],
    ['a relying party with a field too many', { relying_party: { ...party, logo: 'https://shop.example/logo.png' } }],
    ['an empty name', { relying_party: { ...party, name: '' } }],
    ['an oversize name', { relying_party: { ...party, name: '店'.repeat(121) } }],
    ['a line feed in the name', { relying_party: { ...party, name: 'shop\nPIN accepted' } }],
    ['a NUL in the name', { relying_party: { ...party, name: 'shop\u0000' } }],
    ['an escape sequence in the name', { relying_party: { ...party, name: '\u001b[2Jshop' } }],
    ['a C1 control in the name', { relying_party: { ...party, name: 'shop\u009b' } }],
    ['a right-to-left override in the name', { relying_party: { ...party, name: 'shop\u202egro.knab' } }],
    ['a right-to-left isolate in the name', { relying_party: { ...party, name: '\u2067shop\u2069' } }],
    ['a zero-width space in the name', { relying_party: { ...party, name: 'sh\u200bop' } }],
    ['a byte order mark in the name', { relying_party: { ...party, name: '\ufeffshop' } }],
    ['a line separator in the name', { relying_party: { ...party, name: 'shop\u2028x' } }],
    ['a paragraph separator in the name', { relying_party: { ...party, name: 'shop\u2029x' } }],
    ['an origin with a path', { relying_party: { ...party, origin: 'https://shop.example/bank' } }],
    ['an origin with a slash', { relying_party: { ...party, origin: 'https://shop.example/' } }],
    ['an origin in upper case', { relying_party: { ...party, origin: 'https://SHOP.example' } }],
    ['an origin with a user', { relying_party: { ...party, origin: 'https://bank.example@shop.example' } }],
    ['an origin with a backslash', { relying_party: { ...party, origin: 'https://bank.example\\.shop.example' } }],
    ['an origin in another script', { relying_party: { ...party, origin: 'https://раураl.example' } }],
    ['an origin with an override', { relying_party: { ...party, origin: 'https://\u202eknab.example' } }],
    ['an origin that is a script', { relying_party: { ...party, origin: 'javascript://shop.example' } }],
    ['an oversize origin', { relying_party: { ...party, origin: `https://${'a.'.repeat(130)}example` } }],
    ['another language', { locale: 'fr' }],
    ['no end', { expires_at: undefined }],
    ['an end that is a number', { expires_at: 1_795_000_000 }],
    ['an end in another time zone', { expires_at: '2026-11-22T05:00:00+09:00' }],
    ['an end that does not exist', { expires_at: '2026-02-30T05:00:00Z' }],
  ])('%s', (_, change) => {
    expectRefused(ticketSchema, changed(ticket, change))
  })

  test.each(NEVER)('%s', (_, message) => {
    expectRefused(ticketSchema, message)
  })

  test.each(['context', 'name'])('half a surrogate pair in the %s', (field) => {
    const half = '\ud83d'
    const party = { ...ticket.relying_party, name: half }
    expectRefused(
      ticketSchema,
      field === 'name' ? { ...ticket, relying_party: party } : { ...ticket, context: `{"${half}"}` },
    )
  })
})

describe('response: refused', () => {
  test.each<readonly [string, Change]>([
    ['another format', { format: 'sekisho:0' }],
    ['no format', { format: undefined }],
    ['a field too many', { nonce: HASH }],
    ['the transcript, which nobody would believe', { transcript: 'AAAA' }],
    ['a certificate chain', { certificate: ['MIIB'] }],
    ['no certificate', { certificate: undefined }],
    ['an empty certificate', { certificate: '' }],
    ['a PEM certificate', { certificate: '-----BEGIN CERTIFICATE-----' }],
    ['an oversize certificate', { certificate: 'A'.repeat(8196) }],
    ['base64 of the wrong length', { certificate: 'MIIBA' }],
    ['base64 without its padding', { signature: 'AQI' }],
    ['base64 with padding inside', { signature: 'AQ==AQID' }],
    ['base64 with too much padding', { signature: 'AQID====' }],
    ['base64 with bits left over', { signature: 'AR==' }],
    ['base64 with bits left over in the third character', { signature: 'AQJ=' }],
    ['base64 of the other alphabet', { signature: 'AQ-_' }],
    ['base64 with a line feed', { signature: 'AQID\n' }],
    ['base64 with a space', { signature: 'AQI D' }],
    ['no signature', { signature: undefined }],
    ['an empty signature', { signature: '' }],
    ['an oversize signature', { signature: 'A'.repeat(1028) }],
    ['attack 8: no algorithm', { algorithm: undefined }],
    ['attack 8: the algorithm none', { algorithm: 'none' }],
    ['attack 8: a symmetric algorithm', { algorithm: 'HS256' }],
    ['attack 25: another padding', { algorithm: 'PS256' }],
    ['attack 25: another hash', { algorithm: 'RS1' }],
    ['an algorithm in lower case', { algorithm: 'rs256' }],
    ['no agent', { agent: undefined }],
    ['an agent with a field too many', { agent: { ...agent, user: 'x' } }],
    ['a line feed in the agent', { agent: { ...agent, version: '1\n{"level":"fatal"}' } }],
    ['an oversize agent', { agent: { ...agent, name: 'a'.repeat(65) } }],
    ['a signature and an error at once', { error: 'PIN_BLOCKED' }],
  ])('%s', (_, change) => {
    expectRefused(responseSchema, changed(signed, change))
  })

  test.each<readonly [string, Change]>([
    ['an unknown code', { error: 'PIN_WRONG_SO_FAR' }],
    ["a code of the provider's", { error: 'CERT_REVOKED' }],
    ['a code in lower case', { error: 'pin_blocked' }],
    ['an empty code', { error: '' }],
    ['a name of every object', { error: 'constructor' }],
    ['two codes', { error: ['PIN_BLOCKED', 'AGENT_FAILED'] }],
    ['a text beside the code', { detail: 'tries left: 0' }],
    ['another format', { format: 'sekisho:2' }],
  ])('failure: %s', (_, change) => {
    expectRefused(responseSchema, changed(failed, change))
  })

  test.each(NEVER)('%s', (_, message) => {
    expectRefused(responseSchema, message)
  })
})

describe('accepted', () => {
  test('a ticket', () => {
    expect(ticketSchema.parse(ticket)).toEqual(ticket)
  })

  test('a signed response, of the largest size', () => {
    const largest = { ...signed, certificate: 'A'.repeat(8192), signature: 'A'.repeat(1024) }
    expect(responseSchema.parse(signed)).toEqual(signed)
    expect(responseSchema.parse(largest)).toEqual(largest)
  })

  test.each(AGENT_FAILURE_CODES)('a failure: %s', (error) => {
    expect(responseSchema.parse({ format: 'sekisho:1', error })).toEqual({ format: 'sekisho:1', error })
    expect(responseSchema.parse({ format: 'sekisho:1', error, agent })).toHaveProperty('agent', agent)
  })
})

describe('the smaller schemas', () => {
  test.each<readonly [string, z.ZodType, unknown]>([
    ['a ticket id that leads elsewhere', ticketIdSchema, '../../../../../../../../../../../../etc/passwd'],
    ['a short ticket id', ticketIdSchema, HASH.slice(1)],
    ['a ticket id with a line feed', ticketIdSchema, `${HASH}\n`],
    ['a completion that is a script', completionSchema, { completion_uri: 'javascript:alert(1)' }],
    ['a completion that is a document', completionSchema, { completion_uri: 'data:text/html,x' }],
    ['a completion without an origin', completionSchema, { completion_uri: '/interaction/complete' }],
    ['an oversize completion', completionSchema, { completion_uri: `https://sekisho.example/${'a'.repeat(2048)}` }],
    ['a completion with a field too many', completionSchema, { completion_uri: 'https://a.example/', pin: '1234' }],
    ['an error that is a sentence', agentApiErrorSchema, { error: 'no account for this card' }],
    ['an error with a detail', agentApiErrorSchema, { error: 'CERT_REVOKED', detail: 'x' }],
    ['a context with a field too many', contextSchema, { client_id: 'shop', interaction: HASH, acr: 'phrh', sub: 'x' }],
    ['a context with the bare interaction id', contextSchema, { client_id: 'shop', interaction: 'abc', acr: 'phrh' }],
  ])('%s', (_, schema, message) => {
    expectRefused(schema, message)
  })

  test.each<readonly [string, z.ZodType, unknown]>([
    ['a ticket id', ticketIdSchema, HASH],
    ['a completion', completionSchema, { completion_uri: `http://localhost:4000/interaction/x/complete?code=${HASH}` }],
    ['an error', agentApiErrorSchema, { error: 'SIGNIN_TICKET_USED' }],
    ['a context', contextSchema, JSON.parse(ticket.context)],
  ])('accepted: %s', (_, schema, message) => {
    expect(schema.parse(message)).toEqual(message)
  })
})
