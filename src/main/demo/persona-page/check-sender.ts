import type { IncomingMessage } from 'node:http'

const LOOPBACK_ADDRESS = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/
const LOOPBACK_HOST = /^(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?$/

type Asked = Pick<IncomingMessage, 'headers'> & { readonly socket: { readonly remoteAddress?: string | undefined } }

/** This machine, under a name of this machine: no other host, no page behind a rebound name. */
export function isLocal({ headers, socket }: Asked): boolean {
  return LOOPBACK_ADDRESS.test(socket.remoteAddress ?? '') && LOOPBACK_HOST.test(headers.host ?? '')
}

/** A form of our own page. Any website can send a form to an address of this machine, but says where it comes from. */
export function isOwnForm({ headers }: Pick<Asked, 'headers'>): boolean {
  return headers.origin === `http://${headers.host ?? ''}` && isForm(headers['content-type'])
}

/** A program: JSON, and no page behind it. A page of another site could not send this without being asked first (CORS). */
export function isProgram({ headers }: Pick<Asked, 'headers'>): boolean {
  const [mediaType = ''] = (headers['content-type'] ?? '').split(';')
  return headers.origin === undefined && mediaType.trim() === 'application/json'
}

function isForm(contentType: string | undefined): boolean {
  return contentType?.split(';')[0]?.trim() === 'application/x-www-form-urlencoded'
}
