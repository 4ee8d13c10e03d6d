import { checkCriticalExtensions } from './check-critical-extensions.ts'
import { checkExtendedKeyUsage } from './check-extended-key-usage.ts'
import { checkIssuer } from './check-issuer.ts'
import { checkKeyAlgorithm } from './check-key-algorithm.ts'
import { checkKeyUsage } from './check-key-usage.ts'
import { checkNotCa } from './check-not-ca.ts'
import { checkParse } from './check-parse.ts'
import { checkPolicy } from './check-policy.ts'
import { checkPurpose } from './check-purpose.ts'
import { checkRevocation } from './check-revocation.ts'
import { checkSignature } from './check-signature.ts'
import { checkSize } from './check-size.ts'
import { checkSubject } from './check-subject.ts'
import { checkTranscript } from './check-transcript.ts'
import { checkValidity } from './check-validity.ts'
import type { CertificateCheck } from './examination.ts'

/** Every check on a certificate, in the order in which they are made (design.md §7). The first refusal ends it. */
export const CERTIFICATE_CHECKS: readonly CertificateCheck[] = [
  checkParse,
  checkSize,
  checkNotCa,
  checkIssuer,
  checkSignature,
  checkValidity,
  checkPurpose,
  checkKeyUsage,
  checkExtendedKeyUsage,
  checkPolicy,
  checkSubject,
  checkCriticalExtensions,
  checkKeyAlgorithm,
  checkTranscript,
  checkRevocation,
]
