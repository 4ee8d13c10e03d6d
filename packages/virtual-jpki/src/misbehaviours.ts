import { CRL_MISBEHAVIOURS, type CrlMisbehaviour } from './crl/crl-misbehaviours.ts'
import { LINKAGE_MISBEHAVIOURS, type LinkageMisbehaviour } from './linkage/linkage-misbehaviours.ts'
import { OCSP_MISBEHAVIOURS, type OcspMisbehaviour } from './ocsp/ocsp-misbehaviours.ts'

/** Everything that can be ordered to go wrong, by service. */
export const MISBEHAVIOURS = {
  ocsp: OCSP_MISBEHAVIOURS,
  crl: CRL_MISBEHAVIOURS,
  linkage: LINKAGE_MISBEHAVIOURS,
} as const

/** What is ordered: at most one misbehaviour for each service. */
export interface Misbehaviours {
  readonly ocsp?: OcspMisbehaviour | undefined
  readonly crl?: CrlMisbehaviour | undefined
  readonly linkage?: LinkageMisbehaviour | undefined
}
