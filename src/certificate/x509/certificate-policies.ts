import { readOid } from '../der/decode-oid.ts'
import { DerFault } from '../der/der-fault.ts'
import { DerReader } from '../der/der-reader.ts'
import { TAG } from '../der/tags.ts'
import { OID } from './oids.ts'

const MAX_POLICIES = 64
const MAX_QUALIFIERS = 16

export interface CertificatePolicies {
  readonly policies: readonly string[]
  /** Whether every qualifier is one of the two RFC 5280 defines: a critical extension with another must be refused. */
  readonly qualifiersKnown: boolean
}

/** @throws DerFault also when a policy stands there twice (RFC 5280 §4.2.1.4) */
export function decodeCertificatePolicies(value: Uint8Array): CertificatePolicies {
  const outer = new DerReader(value)
  const sequence = outer.enter(TAG.sequence)
  outer.finish()
  if (sequence.isAtEnd()) throw new DerFault('empty-sequence', 0)
  const policies: string[] = []
  let qualifiersKnown = true
  while (!sequence.isAtEnd()) {
    if (policies.length === MAX_POLICIES) throw new DerFault('too-many-elements', sequence.offset)
    const information = sequence.enter(TAG.sequence)
    const policy = readOid(information)
    if (policies.includes(policy)) throw new DerFault('not-conforming', information.offset)
    policies.push(policy)
    const qualifiers = information.tryEnter(TAG.sequence)
    if (qualifiers !== undefined && !readQualifiers(qualifiers)) qualifiersKnown = false
    information.finish()
  }
  return { policies, qualifiersKnown }
}

function readQualifiers(list: DerReader): boolean {
  if (list.isAtEnd()) throw new DerFault('empty-sequence', list.offset)
  let known = true
  for (let count = 0; !list.isAtEnd(); count++) {
    if (count === MAX_QUALIFIERS) throw new DerFault('too-many-elements', list.offset)
    const qualifier = list.enter(TAG.sequence)
    const type = readOid(qualifier)
    qualifier.readAny()
    qualifier.finish()
    if (type !== OID.cpsQualifier && type !== OID.userNoticeQualifier) known = false
  }
  return known
}
