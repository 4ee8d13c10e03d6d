import { Agent, request, type Dispatcher } from 'undici'
import { lookUpAddress } from './look-up-address.ts'
import { ProviderFailure } from './provider-failure.ts'

export interface JsonAnswer {
  readonly status: number
  readonly body: unknown
  /** The provider's clock, from the `Date` header, when it sent one. */
  readonly date: Date | undefined
}

/** Certificates are always verified (the default of node:tls, stated here so that nobody wonders). */
export function createDispatcher(connectMs: number): Dispatcher {
  return new Agent({
    connect: { timeout: connectMs, lookup: lookUpAddress, rejectUnauthorized: true },
    maxRedirections: 0,
    pipelining: 1,
  } as Agent.Options)
}

/**
 * One request, one JSON answer, no redirect followed.
 *
 * @throws ProviderFailure PROVIDER_UNREACHABLE, PROVIDER_ANSWER_INVALID
 */
export async function requestJson(options: {
  url: string
  method: 'GET' | 'POST'
  body?: unknown
  dispatcher: Dispatcher
  deadlineMs: number
  maxBytes: number
}): Promise<JsonAnswer> {
  const { url, method, dispatcher, deadlineMs, maxBytes } = options
  let answer: Dispatcher.ResponseData
  try {
    answer = await request(url, {
      method,
      dispatcher,
      // One deadline from the first packet to the last byte.
      signal: AbortSignal.timeout(deadlineMs),
      headers: {
        accept: 'application/json',
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    })
  } catch (error) {
    throw new ProviderFailure('PROVIDER_UNREACHABLE', reasonOf(error))
  }
  const { statusCode, headers } = answer
  if (statusCode >= 300 && statusCode < 400) {
    await discard(answer)
    throw new ProviderFailure('PROVIDER_ANSWER_INVALID', `redirect ${String(statusCode)}`)
  }
  if (!/^application\/json(;|$)/i.test(String(headers['content-type'] ?? ''))) {
    await discard(answer)
    throw new ProviderFailure('PROVIDER_ANSWER_INVALID', `status ${String(statusCode)}, not JSON`)
  }
  const text = await readText(answer, maxBytes)
  const date = typeof headers.date === 'string' ? new Date(headers.date) : undefined
  try {
    return { status: statusCode, body: JSON.parse(text) as unknown, date: isValid(date) ? date : undefined }
  } catch {
    throw new ProviderFailure('PROVIDER_ANSWER_INVALID', 'not JSON')
  }
}

async function readText(answer: Dispatcher.ResponseData, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > maxBytes) break
      chunks.push(chunk)
    }
  } catch (error) {
    throw new ProviderFailure('PROVIDER_UNREACHABLE', reasonOf(error))
  }
  if (bytes > maxBytes) throw new ProviderFailure('PROVIDER_ANSWER_INVALID', `more than ${String(maxBytes)} bytes`)
  return Buffer.concat(chunks).toString('utf8')
}

/** Drops the rest of an answer nobody reads, together with its connection. */
async function discard(answer: Dispatcher.ResponseData): Promise<void> {
  await answer.body.dump({ limit: 0 }).catch(() => undefined)
}

function isValid(date: Date | undefined): date is Date {
  return date !== undefined && !Number.isNaN(date.getTime())
}

/** The short name of an error: its code or class. Messages may quote addresses. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { code } = error as NodeJS.ErrnoException
  return typeof code === 'string' ? code : error.name
}
