import dgram from 'node:dgram'
import dns from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import { request } from 'undici'
import { expect, test } from 'vitest'

const blocked = /the network is blocked in the unit layer/

test.each<[string, () => unknown]>([
  ['net.connect', () => net.connect(80, '127.0.0.1')],
  ['net.connect to a Unix socket', () => net.connect('/run/postgresql/.s.PGSQL.5432')],
  ['new Socket().connect', () => new net.Socket().connect(80, '127.0.0.1')],
  ['tls.connect', () => tls.connect(443, '127.0.0.1')],
  ['http.get', () => http.get('http://127.0.0.1/')],
  ['https.get', () => https.get('https://127.0.0.1/')],
  ['net.createServer().listen', () => net.createServer().listen(0)],
  ['http.createServer().listen', () => http.createServer().listen(0)],
  ['dgram.send', () => dgram.createSocket('udp4').send('x', 53, '127.0.0.1')],
  ['dns.lookup', () => dns.lookup('localhost', () => undefined)],
  ['dns.promises.lookup', () => dns.promises.lookup('localhost')],
  ['fetch', () => fetch('http://127.0.0.1/')],
  ['new WebSocket', () => new WebSocket('ws://127.0.0.1/')],
])('%s fails at once', (_name, act) => {
  expect(act).toThrow(blocked)
})

test('undici cannot connect either', async () => {
  await expect(request('http://127.0.0.1:9/')).rejects.toThrow(blocked)
})
