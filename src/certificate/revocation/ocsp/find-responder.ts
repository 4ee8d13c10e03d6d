import type { KeyObject } from 'node:crypto'
import { sha1 } from '../../algorithm/sha1.ts'
import type { TrustAnchor } from '../../anchor/trust-anchor.ts'
import { sameBytes } from '../../der/same-bytes.ts'
import { placeInValidity, type Validity } from '../../x509/validity.ts'
import type { UnavailableCause } from '../unavailable-cause.ts'
import { judgeDelegate } from './judge-delegate.ts'
import type { ResponderId, UnverifiedOcspAnswer } from './parse-ocsp-response.ts'

/** A responder signs for years with one key; there is one for each CA generation. */
const REMEMBERED_DELEGATES = 16

interface Delegate {
  readonly der: Uint8Array
  readonly issuer: TrustAnchor
  readonly nameDer: Uint8Array
  readonly keySha1: Uint8Array
  readonly validity: Validity
  readonly key: KeyObject
}

export interface ResponderFinder {
  /** The key an answer must be signed with, or why it has none. */
  find(answer: UnverifiedOcspAnswer, issuer: TrustAnchor, nowMs: number): KeyObject | UnavailableCause
}

/**
 * RFC 6960 §4.2.2.2: an answer is signed by the CA that issued the certificate, or by one to whom that very CA delegated it.
 * Delegates that were verified are remembered by all their bytes, so that an ordinary answer costs one signature, not two;
 * their dates are looked at every time.
 */
export function createResponderFinder(): ResponderFinder {
  const delegates: Delegate[] = []

  const delegateFrom = (
    der: Uint8Array,
    id: ResponderId,
    issuer: TrustAnchor,
  ): Delegate | UnavailableCause | undefined => {
    const known = delegates.find((delegate) => delegate.issuer === issuer && sameBytes(delegate.der, der))
    if (known !== undefined) return matches(id, known.nameDer, known.keySha1) ? known : undefined
    const judged = judgeDelegate(der, issuer, ({ subjectNameDer, publicKey }) =>
      matches(id, subjectNameDer, sha1(publicKey.keyOctets)),
    )
    if (judged === undefined || typeof judged === 'string') return judged
    const delegate = {
      der: new Uint8Array(der),
      issuer,
      nameDer: new Uint8Array(judged.certificate.subjectNameDer),
      keySha1: sha1(judged.certificate.publicKey.keyOctets),
      validity: { notBefore: judged.certificate.notBefore, notAfter: judged.certificate.notAfter },
      key: judged.key,
    }
    delegates.unshift(delegate)
    delegates.length = Math.min(delegates.length, REMEMBERED_DELEGATES)
    return delegate
  }

  return {
    find({ responderId, certificateDers }, issuer, nowMs) {
      if (matches(responderId, issuer.certificate.subjectNameDer, issuer.keySha1)) return issuer.key
      let cause: UnavailableCause = 'ocsp-wrong-signer'
      for (const der of certificateDers) {
        const delegate = delegateFrom(der, responderId, issuer)
        if (delegate === undefined) continue
        if (typeof delegate === 'string') cause = delegate
        else if (placeInValidity(delegate.validity, nowMs) === 'within') return delegate.key
        else cause = 'ocsp-signer-not-valid'
      }
      return cause
    },
  }
}

function matches(id: ResponderId, nameDer: Uint8Array, keySha1: Uint8Array): boolean {
  return id.by === 'name' ? sameBytes(id.nameDer, nameDer) : sameBytes(id.keySha1, keySha1)
}
