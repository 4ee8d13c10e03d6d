import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { z } from 'zod'
import { closeServer, listen } from '../../http-server.ts'
import { isLocal, isOwnForm, isProgram } from './check-sender.ts'
import { drawPersonaPage } from './draw-persona-page.ts'
import type { TestBench } from './test-bench.ts'
import type { Language } from './words.ts'

export interface PersonaPageServer {
  readonly url: string
  close(): Promise<void>
}

const MAX_BODY = 16 * 1024
const STYLE = `${readFileSync(new URL('../../../../public/sekisho.css', import.meta.url), 'utf8')}
.warning { background: var(--alert-paper); border: 2px dashed var(--alert); border-radius: .5rem; padding: .6rem .9rem; font-weight: 600 }
.there { border-color: var(--accent); border-width: 2px }
.alert .badge { border-color: var(--alert); color: var(--alert) }
`

const serviceState = z.enum(['up', 'down']).optional()
const cardOrder = z.strictObject({ persona: z.string().min(1).max(64).nullable() })
const servicesOrder = z.strictObject({ linkage: serviceState, revocation: serviceState })

interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Serves the page and its JSON twin on loopback. @throws PortTaken */
export async function servePersonaPage(
  bench: TestBench,
  { port, shopUrl }: { readonly port: number; readonly shopUrl: string },
): Promise<PersonaPageServer> {
  const server = createServer((request, response) => {
    answer(bench, shopUrl, request).then(
      (made) => send(response, made),
      () => send(response, { status: 500 }),
    )
  })
  const bound = await listen(server, '127.0.0.1', port)
  return { url: `http://localhost:${bound}`, close: () => closeServer(server, 200) }
}

async function answer(bench: TestBench, shopUrl: string, request: IncomingMessage): Promise<Answer> {
  if (!isLocal(request)) return { status: 403 }
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  if (request.method === 'GET') {
    if (pathname === '/') return html(drawPersonaPage(languageOf(request, searchParams), bench.state(), shopUrl))
    if (pathname === '/style.css') return { status: 200, headers: { 'Content-Type': 'text/css' }, body: STYLE }
    return pathname === '/api' ? json(200, bench.state()) : { status: 404 }
  }
  if (request.method !== 'POST') return { status: 405 }
  const isApi = pathname.startsWith('/api/')
  if (!(isApi ? isProgram(request) : isOwnForm(request))) return { status: 403 }
  const body = await readBody(request)
  if (body === undefined) return { status: 413 }
  return isApi
    ? orderByProgram(bench, pathname, body)
    : orderByForm(bench, pathname, new URLSearchParams(body), languageOf(request, searchParams))
}

async function orderByProgram(bench: TestBench, pathname: string, body: string): Promise<Answer> {
  const order = parse(body)
  if (pathname === '/api/card') {
    const { success, data } = cardOrder.safeParse(order)
    if (!success) return json(400, { error: 'say {"persona": name}, {"persona": "new"} or {"persona": null}' })
    return (await bench.putCard(data.persona)) ? json(200, bench.state()) : json(404, { error: 'no such persona' })
  }
  if (pathname === '/api/services') {
    const { success, data } = servicesOrder.safeParse(order)
    if (!success) return json(400, { error: 'say {"linkage": "up"|"down", "revocation": "up"|"down"}' })
    bench.setServices(data)
    return json(200, bench.state())
  }
  if (pathname === '/api/clients') {
    try {
      await bench.registerClient(order)
      return json(200, { registered: (order as { clientId: string }).clientId })
    } catch (fault) {
      if (!(fault instanceof z.ZodError)) throw fault
      return json(400, { error: z.prettifyError(fault) })
    }
  }
  return { status: 404 }
}

async function orderByForm(
  bench: TestBench,
  pathname: string,
  form: URLSearchParams,
  language: Language,
): Promise<Answer> {
  if (pathname === '/card') {
    if (!(await bench.putCard(form.get('card') || null))) return { status: 404 }
  } else if (pathname === '/services') {
    const { success, data } = servicesOrder.safeParse(Object.fromEntries(form))
    if (!success) return { status: 400 }
    bench.setServices(data)
  } else return { status: 404 }
  return { status: 303, headers: { Location: `/?lang=${language}` } }
}

function send(response: ServerResponse, { status, headers = {}, body = '' }: Answer): void {
  response.writeHead(status, {
    'Content-Security-Policy':
      "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    // without it the Origin of our own forms would be `null`
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    ...headers,
  })
  response.end(body)
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let octets = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    octets += chunk.length
    if (octets > MAX_BODY) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function languageOf({ headers }: IncomingMessage, query: URLSearchParams): Language {
  const wish = query.get('lang') ?? headers['accept-language'] ?? 'ja'
  return /^\s*en\b/i.test(wish) ? 'en' : 'ja'
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

const html = (body: string): Answer => ({ status: 200, headers: { 'Content-Type': 'text/html; charset=utf-8' }, body })
const json = (status: number, value: object): Answer => ({
  status,
  headers: { 'Content-Type': 'application/json' },
  body: `${JSON.stringify(value)}\n`,
})
