import type { IncomingMessage } from 'node:http'

const LOOPBACK_ADDRESS = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/
const LOOPBACK_HOST = /^(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?$/

/** A program of this machine: the connection comes over loopback, no foreign Host (DNS rebinding), no web page (Origin). */
export function isFromThisMachine(request: {
  readonly headers: Pick<IncomingMessage['headers'], 'host' | 'origin'>
  readonly socket: { readonly remoteAddress?: string | undefined }
}): boolean {
  const { host = '', origin } = request.headers
  return LOOPBACK_ADDRESS.test(request.socket.remoteAddress ?? '') && LOOPBACK_HOST.test(host) && origin === undefined
}
