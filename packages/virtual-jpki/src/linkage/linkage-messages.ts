import { z } from 'zod'

import type { LinkageQuestion, PersonAnswer, PreviousAnswer } from './linkage-question.ts'

/** The two ways of asking an operator (docs/linkage-operator.md). */
export const LINKAGE_STYLES = ['previous', 'person'] as const
export type LinkageStyle = (typeof LINKAGE_STYLES)[number]

/** What is no answer, and its status. */
export const LINKAGE_STATUS = {
  'malformed-question': 400,
  unauthorized: 401,
  'question-too-large': 413,
  'json-only': 415,
  'unknown-certificate': 422,
  'ambiguous-certificate': 422,
  'try-later': 503,
} as const

const questionSchema = z.strictObject({
  request_id: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/),
  issuer_name: z.base64().min(4).max(4096),
  issuer_key_id: z
    .string()
    .regex(/^(?:[0-9a-f]{2}){1,64}$/)
    .optional(),
  // content octets of a positive INTEGER, without an octet too many (X.690 §8.3.2)
  serial_number: z.string().regex(/^(?!00[0-7])(?:[0-7][0-9a-f])(?:[0-9a-f]{2}){0,20}$/),
})

/** @returns undefined when the body is not such a question */
export function readQuestion(
  body: Uint8Array,
): { readonly requestId: string; readonly question: LinkageQuestion } | undefined {
  const parsed = questionSchema.safeParse(parseJson(body))
  if (!parsed.success) return undefined
  const { request_id, issuer_name, issuer_key_id, serial_number } = parsed.data
  return {
    requestId: request_id,
    question: {
      issuerNameDer: Buffer.from(issuer_name, 'base64'),
      issuerKeyId: issuer_key_id === undefined ? undefined : Buffer.from(issuer_key_id, 'hex'),
      serialNumber: BigInt(`0x${serial_number}`),
    },
  }
}

/** The message of an answer that is one. */
export function writeAnswer(
  requestId: string,
  said: Extract<PreviousAnswer | PersonAnswer, { readonly asOf: Date }>,
): Readonly<Record<string, unknown>> {
  const frame = { request_id: requestId, result: said.result }
  const as_of = said.asOf.toISOString()
  if (said.result === 'none') return { ...frame, as_of }
  if ('personId' in said) return { ...frame, person_id: said.personId, as_of }
  const { issuerNameDer, serialNumber, relation } = said.previous
  const previous = {
    issuer_name: issuerNameDer.toString('base64'),
    serial_number: serialHex(serialNumber),
    relation,
  }
  return { ...frame, previous, as_of }
}

/** Content octets of the INTEGER, in lower-case hex: `00` in front when the first bit would make it negative. */
export function serialHex(serialNumber: bigint): string {
  const digits = serialNumber.toString(16)
  const even = digits.length % 2 === 0 ? digits : `0${digits}`
  return /^[89a-f]/.test(even) ? `00${even}` : even
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'))
  } catch {
    return undefined
  }
}
