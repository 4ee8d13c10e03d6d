import type {
  RevocationAnswer,
  RevocationQuestion,
  RevocationSource,
} from '../../certificate/revocation/revocation-source.ts'
import type { UnavailableCause } from '../../certificate/revocation/unavailable-cause.ts'
import type { OutboundClient } from '../create-outbound-client.ts'
import { CAUSE_OF_FAULT, OutboundFault } from '../outbound-fault.ts'
import type { AccessTokens } from './create-access-tokens.ts'
import { parseOperatorAnswer, type OperatorAnswer } from './operator-messages.ts'

export interface OperatorSourceOptions {
  readonly name: string
  /** With a client certificate, when the operator asks for one (`tls` of the client). */
  readonly client: OutboundClient
  /** `https://…/certificate-status`, from the configuration. */
  readonly url: string
  /** OAuth client credentials; `undefined` when the client certificate is enough. */
  readonly accessTokens: AccessTokens | undefined
  readonly random: (octets: number) => Uint8Array
  readonly now: () => Date
  readonly skewMs: number
  /** How old `this_update` may be. */
  readonly maxAgeMs: number
}

/** A platform operator who may ask the national service, over HTTP. Contract: docs/revocation-operator.md */
export function createOperatorSource(options: OperatorSourceOptions): RevocationSource {
  const { name, now, random } = options
  return {
    method: 'operator',
    name,
    async check(question): Promise<RevocationAnswer> {
      const message = {
        request_id: Buffer.from(random(16)).toString('base64url'),
        issuer_key_id: question.issuer.keyIdHex,
        issuer_name: Buffer.from(question.certificate.issuerNameDer).toString('base64'),
        serial_number: serialHex(question),
      }
      const answer = await ask(options, message)
      const nowMs = now().getTime()
      const origin = { method: 'operator', source: name } as const
      const accepted = typeof answer === 'string' ? answer : accept(answer, message, options, nowMs)
      if (typeof accepted === 'string') {
        return { status: 'unavailable', cause: accepted, ...origin, checkedAt: new Date(nowMs) }
      }
      return { ...statusOf(accepted), ...origin, checkedAt: accepted.thisUpdate, validUntil: accepted.nextUpdate }
    },
  }
}

type Message = Readonly<Record<'request_id' | 'issuer_key_id' | 'issuer_name' | 'serial_number', string>>

async function ask(options: OperatorSourceOptions, message: Message): Promise<OperatorAnswer | UnavailableCause> {
  try {
    const first = await send(options, message)
    // an expired or withdrawn token is worth one new one
    const answer =
      first.status === 401 && options.accessTokens?.forget() === true ? await send(options, message) : first
    if (answer.status === 401 || answer.status === 403) return 'operator-unauthorized'
    if (answer.status !== 200) return 'source-http-error'
    return parseOperatorAnswer(answer.body) ?? 'operator-malformed'
  } catch (error) {
    if (error instanceof OutboundFault) return CAUSE_OF_FAULT[error.reason]
    throw error
  }
}

async function send({ client, url, accessTokens }: OperatorSourceOptions, message: Message) {
  const token = await accessTokens?.get()
  return client.send({
    method: 'POST',
    url,
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(message),
  })
}

/** The answer belongs to this question, to this certificate, and to now. */
function accept(
  answer: OperatorAnswer,
  message: Message,
  { skewMs, maxAgeMs }: OperatorSourceOptions,
  nowMs: number,
): OperatorAnswer | UnavailableCause {
  const isSame =
    answer.requestId === message.request_id &&
    answer.issuerKeyId === message.issuer_key_id &&
    answer.serialNumber === message.serial_number
  if (!isSame) return 'operator-wrong-certificate'
  const thisUpdateMs = answer.thisUpdate.getTime()
  if (thisUpdateMs > nowMs + skewMs) return 'operator-from-the-future'
  if (thisUpdateMs < nowMs - maxAgeMs - skewMs) return 'operator-stale'
  if (answer.nextUpdate !== undefined && answer.nextUpdate.getTime() < nowMs - skewMs) return 'operator-stale'
  return answer
}

function statusOf({ status, revokedAt, reason, thisUpdate }: OperatorAnswer) {
  return status === 'revoked' ? ({ status, at: revokedAt ?? thisUpdate, reason } as const) : ({ status } as const)
}

function serialHex({ certificate }: RevocationQuestion): string {
  return Buffer.from(certificate.serialNumber).toString('hex')
}
