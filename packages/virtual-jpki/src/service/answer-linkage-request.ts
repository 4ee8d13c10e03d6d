import type { IncomingMessage } from 'node:http'

import type { VirtualJpki } from '../create-virtual-jpki.ts'
import { LINKAGE_STATUS, LINKAGE_STYLES } from '../linkage/linkage-messages.ts'
import { json, plainText, type HttpAnswer } from './http-answer.ts'
import { readBody } from './read-body.ts'

/** `POST /linkage/previous|person|token` (docs/linkage-operator.md). */
export async function answerLinkageRequest(
  jpki: VirtualJpki,
  request: IncomingMessage,
  path: string,
): Promise<HttpAnswer> {
  const style = LINKAGE_STYLES.find((known) => path === `/linkage/${known}`)
  if (style === undefined && path !== '/linkage/token') return plainText(404, 'nothing here')
  if (request.method !== 'POST') return plainText(405, 'POST only')
  const [mediaType] = (request.headers['content-type'] ?? '').split(';')
  const expected = style === undefined ? 'application/x-www-form-urlencoded' : 'application/json'
  if (mediaType?.trim() !== expected) return refuse('json-only')
  const body = await readBody(request)
  if (body === undefined) return refuse('question-too-large')
  const { authorization } = request.headers
  return style === undefined
    ? jpki.answerToken(body.toString('utf8'), authorization)
    : jpki.answerLinkage(style, body, { authorization })
}

const refuse = (error: 'json-only' | 'question-too-large'): HttpAnswer => json({ error }, LINKAGE_STATUS[error])
