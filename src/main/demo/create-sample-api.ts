import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { createApi } from '@sekisho/example-resource-server'
import type { OpenProvider } from '../open-provider.ts'

const CLIENT_ID = 'sample-orders'
const SCOPES = ['orders:read', 'orders:pay']

/** The API that keeps the sample shop's orders, registered and ready to listen. */
export async function createSampleApi({
  issuer,
  port,
  clients,
}: {
  readonly issuer: string
  readonly port: number
  readonly clients: OpenProvider['clients']
}): Promise<{ readonly server: Server; readonly resource: string; readonly scopes: readonly string[] }> {
  const resource = `http://localhost:${port}/`
  const clientSecret = randomBytes(32).toString('base64url')
  await clients.upsert({
    clientId: CLIENT_ID,
    clientSecret,
    displayName: { ja: 'サンプル注文サービス', en: 'Sample order service' },
    resourceServer: { resource, scopes: SCOPES },
    scopeDescriptions: {
      'orders:read': { ja: '注文を見る', en: 'See your orders' },
      'orders:pay': { ja: '注文の代金を支払う', en: 'Pay your orders' },
    },
  })
  return {
    server: createServer(createApi({ issuer, clientId: CLIENT_ID, clientSecret, resource })),
    resource,
    scopes: SCOPES,
  }
}
