import { IncomingMessage, ServerResponse, type OutgoingHttpHeaders, type RequestListener } from 'node:http'
import { Duplex } from 'node:stream'

export interface InProcessRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly form?: Readonly<Record<string, string>>
}

export interface InProcessAnswer {
  readonly status: number
  /** By their names as they were set. */
  readonly headers: OutgoingHttpHeaders
  readonly text: string
}

/**
 * Calls an OpenID endpoint of this very process as a client would, without a socket: no proxy in between can look on or answer in its
 * place, and nobody has to know where this server is reached from within.
 *
 * @param issuer an origin: the host and scheme that the request has
 */
export async function callInProcess(
  answer: (...args: Parameters<RequestListener>) => unknown,
  issuer: string,
  { method, path, form }: InProcessRequest,
): Promise<InProcessAnswer> {
  const { host, protocol } = new URL(issuer)
  const body = form === undefined ? undefined : Buffer.from(new URLSearchParams(form).toString())
  // a request of nobody has something to hang on, and nothing that leads out
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
  const req = new IncomingMessage(noSocket() as ConstructorParameters<typeof IncomingMessage>[0])
  req.method = method
  req.url = path
  req.httpVersionMajor = 1
  req.httpVersionMinor = 1
  req.httpVersion = '1.1'
  Object.assign(req.headers, {
    host,
    'x-forwarded-proto': protocol.slice(0, -1),
    ...(body && { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(body.length) }),
  })
  if (body !== undefined) req.push(body)
  req.push(null)
  req.complete = true

  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const res = new ServerResponse(req)
    const take = (chunk: unknown): void => {
      if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk))
    }
    res.write = (chunk: unknown) => {
      take(chunk)
      return true
    }
    res.end = (chunk?: unknown) => {
      take(chunk)
      const headers = Object.fromEntries(
        (res as unknown as RawNames).getRawHeaderNames().map((name) => [name, res.getHeader(name)]),
      )
      resolve({ status: res.statusCode, headers, text: Buffer.concat(chunks).toString('utf8') })
      return res
    }
    Promise.resolve(answer(req, res)).catch(reject)
  })
}

/** Of every outgoing message since Node 15.4; its types know it of requests alone. */
interface RawNames {
  getRawHeaderNames(): string[]
}

function noSocket(): Duplex {
  return new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => {
      done()
    },
  })
}
