import { createHash } from 'node:crypto'

import { subjectPublicKeyOctets } from '../src/certificate/public-key.ts'
import { constructedContext, integer, nullValue, octetString, oid, sequence } from '../src/der/encode-der.ts'
import { readChildren, readElement, type DerElement } from '../src/der/read-der.ts'
import type { CertificateAuthority } from '../src/index.ts'

/** DER of an OCSPRequest for one or more serial numbers of a CA. */
export function askOcsp(
  authority: CertificateAuthority,
  serialNumbers: readonly bigint[],
  options: { readonly nonce?: Uint8Array; readonly hash?: 'sha1' | 'sha256' } = {},
): Buffer {
  const { nonce, hash = 'sha256' } = options
  const digest = (bytes: Uint8Array): Buffer => createHash(hash).update(bytes).digest()
  const algorithm = sequence(oid(hash === 'sha1' ? '1.3.14.3.2.26' : '2.16.840.1.101.3.4.2.1'), nullValue())
  const requests = serialNumbers.map((serialNumber) =>
    sequence(
      sequence(
        algorithm,
        octetString(digest(authority.nameDer)),
        octetString(digest(subjectPublicKeyOctets(authority.publicKeyDer))),
        integer(serialNumber),
      ),
    ),
  )
  const extension = (value: Uint8Array): Buffer =>
    sequence(sequence(oid('1.3.6.1.5.5.7.48.1.2'), octetString(octetString(value))))
  const extensions = nonce === undefined ? [] : [constructedContext(2, extension(nonce))]
  return sequence(sequence(sequence(...requests), ...extensions))
}

/** An answer taken apart just far enough to see what the responder put into it. */
export interface SeenOcspAnswer {
  readonly responseStatus: number
  readonly singles: readonly { readonly certIdHex: string; readonly status: 'good' | 'revoked' | 'unknown' }[]
  readonly nonceHex: string | undefined
}

export function seeOcspAnswer(der: Buffer): SeenOcspAnswer {
  const [status, bytes] = readChildren(readElement(der).content)
  const responseStatus = status?.content[0] ?? -1
  if (bytes === undefined) return { responseStatus, singles: [], nonceHex: undefined }
  const [, basicOctets] = readChildren(readElement(bytes.content).content)
  const [data] = readChildren(readElement(basicOctets?.content ?? Buffer.alloc(0)).content)
  const fields = readChildren(data?.content ?? Buffer.alloc(0))
  const responses = readChildren(fields.find(({ tag }) => tag === 0x30)?.content ?? Buffer.alloc(0))
  const extensions = fields.find(({ tag }) => tag === 0xa1)
  return {
    responseStatus,
    singles: responses.map((single) => seeSingle(single)),
    nonceHex:
      extensions &&
      readChildren(readChildren(readElement(extensions.content).content)[0]?.content ?? Buffer.alloc(0))
        .at(-1)
        ?.content.toString('hex'),
  }
}

function seeSingle(single: DerElement): SeenOcspAnswer['singles'][number] {
  const [certId, status] = readChildren(single.content)
  const statuses = { 0x80: 'good', 0xa1: 'revoked', 0x82: 'unknown' } as const
  const seen = statuses[status?.tag as keyof typeof statuses]
  return { certIdHex: certId?.whole.toString('hex') ?? '', status: seen }
}
