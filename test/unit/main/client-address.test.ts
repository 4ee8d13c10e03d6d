import { describe, expect, test } from 'vitest'
import { trustProxy } from '../../../src/config/trust-proxy.ts'
import { createClientAddress } from '../../../src/main/client-address.ts'

const addressOf = (trust: string, peer: string, forwardedFor?: string): string | undefined =>
  createClientAddress(trustProxy.parse(trust))(peer, forwardedFor).address

describe('attack 18: an address that the client wrote itself', () => {
  test.each([
    ['nobody is trusted', '0', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['TLS ends in front and nobody adds headers', 'tls-only', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['one proxy, one forged address', '1', '10.0.0.1', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['one proxy, many forged addresses', '1', '10.0.0.1', '1.1.1.1, 2.2.2.2, 10.0.0.9, 203.0.113.9', '203.0.113.9'],
    ['two proxies', '2', '10.0.0.1', '198.51.100.1, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['a network, forged addresses of that network', '10.0.0.0/8', '10.0.0.1', '10.9.9.9, 203.0.113.9', '203.0.113.9'],
    ['a stranger that says it is a proxy', '10.0.0.0/8', '203.0.113.9', '10.0.0.5, 198.51.100.1', '203.0.113.9'],
  ])('%s', (_name, trust, peer, forwardedFor, expected) => {
    expect(addressOf(trust, peer, forwardedFor)).toBe(expected)
  })
})

describe('the address of a client', () => {
  test.each([
    ['one hop', '1', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['“true” is one hop', 'true', '10.0.0.1', '1.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['fewer proxies than declared', '3', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['no header', '1', '10.0.0.1', undefined, '10.0.0.1'],
    ['a proxy that does not know', '1', '10.0.0.1', 'unknown', '10.0.0.1'],
    ['an obfuscated name, RFC 7239 §6.3', '1', '10.0.0.1', '_hidden', '10.0.0.1'],
    ['an empty entry', '2', '10.0.0.1', ',10.0.0.2', '10.0.0.2'],
    ['with a port', '1', '10.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
    ['IPv6 with a port', '1', '10.0.0.1', '[2001:db8::9]:4711', '2001:db8::9'],
    ['IPv6', 'fd00::/8', 'fd00::1', '2001:db8::9', '2001:db8::9'],
    ['IPv4 written as IPv6', '10.0.0.0/8', '::ffff:10.0.0.1', '::ffff:203.0.113.9', '203.0.113.9'],
    ['loopback by name', 'loopback', '127.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['several networks', 'loopback, 10.0.0.0/8', '127.0.0.1', '203.0.113.9, 10.1.2.3', '203.0.113.9'],
    ['only proxies, all the way', '10.0.0.0/8', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['one address', '10.0.0.1', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ])('%s', (_name, trust, peer, forwardedFor, expected) => {
    expect(addressOf(trust, peer, forwardedFor)).toBe(expected)
  })

  test('is not known of a connection that is gone', () => {
    expect(createClientAddress(trustProxy.parse('1'))(undefined, '203.0.113.9')).toEqual({
      address: undefined,
      isProxied: false,
    })
  })
})

test.each([
  'yes',
  '10',
  '-1',
  '0.0.0.0/0',
  '::/0',
  '10.0.0.0/33',
  '10.0.0/8',
  '10.0.0.0/8,',
  'example.com',
  '10.0.0.0/8/8',
  '',
])('TRUST_PROXY=%s is refused', (text) => {
  expect(trustProxy.safeParse(text).success).toBe(false)
})
