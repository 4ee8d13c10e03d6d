import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FORMAT } from '@sekisho/protocol'

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface FakeProvider {
  /** `http://localhost:PORT` */
  readonly origin: string
  readonly seen: readonly SeenRequest[]
  /** Makes a ticket that can be fetched once; `overrides` replace fields of the document, `undefined` takes one out. */
  issueTicket(overrides?: Record<string, unknown>): string
  /** The document of a ticket. */
  document(ticketId: string): Record<string, unknown>
  /** Lets the provider answer something else than the protocol says, from now on. */
  misbehave(answer: ((request: SeenRequest, response: ServerResponse) => boolean) | undefined): void
  /** Bodies of the responses posted, parsed. */
  results(): Record<string, unknown>[]
  close(): Promise<void>
}

/** The provider's side of the protocol on loopback, scripted: what it saw can be looked at, what it answers can be bent. */
export async function startFakeProvider(): Promise<FakeProvider> {
  const seen: SeenRequest[] = []
  const tickets = new Map<string, { document: Record<string, unknown>; claimed: boolean; used: boolean }>()
  let bent: ((request: SeenRequest, response: ServerResponse) => boolean) | undefined
  let origin = ''

  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const { method = '', url = '', headers } = request
      const record: SeenRequest = { method, path: url, headers, body }
      seen.push(record)
      if (bent?.(record, response) !== true) answer(record, response)
    })
  })

  function answer({ method, path }: SeenRequest, response: ServerResponse): void {
    if (path === '/.well-known/openid-configuration') {
      sendJson(response, 200, { issuer: origin, authorization_endpoint: `${origin}/auth` })
      return
    }
    const [, ticketId = '', tail] = /^\/agent\/tickets\/([\w-]+)(\/response)?$/.exec(path) ?? []
    const ticket = tickets.get(ticketId)
    if (ticket === undefined) sendJson(response, 404, { error: 'SIGNIN_TICKET_NOT_FOUND' })
    else if (method === 'GET' && tail === undefined) {
      if (ticket.claimed) {
        sendJson(response, 409, { error: 'SIGNIN_TICKET_CLAIMED' })
        return
      }
      ticket.claimed = true
      sendJson(response, 200, ticket.document)
    } else if (ticket.used) sendJson(response, 409, { error: 'SIGNIN_TICKET_USED' })
    else {
      ticket.used = true
      sendJson(response, 200, { completion_uri: `${origin}/sign-in/complete?code=${ticketId.slice(0, 8)}` })
    }
  }

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  origin = `http://localhost:${String((server.address() as AddressInfo).port)}`

  return {
    origin,
    seen,
    issueTicket(overrides = {}) {
      const id = randomBytes(32).toString('base64url')
      const document = {
        format: FORMAT,
        nonce: randomBytes(32).toString('base64url'),
        context: JSON.stringify({ client_id: 'shop', interaction: randomBytes(32).toString('base64url'), acr: 'phrh' }),
        relying_party: { name: '海辺の本屋', origin: 'https://shop.example' },
        locale: 'ja',
        expires_at: new Date(Date.now() + 120_000).toISOString(),
        ...overrides,
      }
      tickets.set(id, { document, claimed: false, used: false })
      return id
    },
    document: (ticketId) => tickets.get(ticketId)?.document ?? {},
    misbehave(next) {
      bent = next
    },
    results: () =>
      seen
        .filter(({ method, path }) => method === 'POST' && path.endsWith('/response'))
        .map(({ body }) => JSON.parse(body) as Record<string, unknown>),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
