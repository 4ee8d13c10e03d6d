import { z } from 'zod'
import type { CertificateName, LinkageQuestion, Replacement } from '../../subject/linkage-service.ts'

/** The question as it is sent (docs/linkage-operator.md). */
export interface QuestionMessage {
  readonly request_id: string
  readonly issuer_name: string
  readonly issuer_key_id?: string
  readonly serial_number: string
}

export function buildQuestion(requestId: string, question: LinkageQuestion): QuestionMessage {
  return {
    request_id: requestId,
    issuer_name: Buffer.from(question.issuerNameDer).toString('base64'),
    ...(question.issuerKeyId === undefined ? {} : { issuer_key_id: Buffer.from(question.issuerKeyId).toString('hex') }),
    serial_number: Buffer.from(question.serialNumber).toString('hex'),
  }
}

const answered = { request_id: z.string().max(64), as_of: z.iso.datetime().transform((text) => new Date(text)) }
const none = z.strictObject({ ...answered, result: z.literal('none') })

/** RFC 5280 §4.1.2.2: at most 20 octets, positive, minimal. */
const serial = z
  .string()
  .regex(/^(?:[0-9a-f]{2}){1,20}$/)
  .transform((hex) => new Uint8Array(Buffer.from(hex, 'hex')))
  .refine(([first = 0x80, second = 0]) => first < 0x80 && !(first === 0 && second < 0x80))

const name = z
  .base64()
  .min(4)
  .max(4096)
  .transform((text) => new Uint8Array(Buffer.from(text, 'base64')))

const previousSchema = z.discriminatedUnion('result', [
  none,
  z.strictObject({
    ...answered,
    result: z.literal('found'),
    previous: z.strictObject({ issuer_name: name, serial_number: serial, relation: z.enum(['renewed', 'reissued']) }),
  }),
])

const personSchema = z.discriminatedUnion('result', [
  none,
  z.strictObject({ ...answered, result: z.literal('found'), person_id: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/) }),
])

/** What every answer says, and what it found, if anything. */
export interface ParsedAnswer<Found> {
  readonly requestId: string
  readonly asOf: Date
  readonly found: Found | undefined
}

export interface FoundPrevious {
  readonly previous: CertificateName
  readonly relation: Replacement
}

/** @returns undefined when the body is not such an answer; unknown members are refused: a contract is a contract */
export function parsePreviousAnswer(body: Uint8Array): ParsedAnswer<FoundPrevious> | undefined {
  const parsed = previousSchema.safeParse(parseJson(body))
  if (!parsed.success) return undefined
  const { data } = parsed
  if (data.result === 'none') return { requestId: data.request_id, asOf: data.as_of, found: undefined }
  const { issuer_name: issuerNameDer, serial_number: serialNumber, relation } = data.previous
  return {
    requestId: data.request_id,
    asOf: data.as_of,
    found: { previous: { issuerNameDer, serialNumber }, relation },
  }
}

/** @returns undefined when the body is not such an answer */
export function parsePersonAnswer(body: Uint8Array): ParsedAnswer<string> | undefined {
  const parsed = personSchema.safeParse(parseJson(body))
  if (!parsed.success) return undefined
  const { data } = parsed
  return { requestId: data.request_id, asOf: data.as_of, found: data.result === 'none' ? undefined : data.person_id }
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'))
  } catch {
    return undefined
  }
}
