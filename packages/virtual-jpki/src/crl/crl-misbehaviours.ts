import type { CertificateAuthority } from '../certificate/certificate-authority.ts'
import { crlDistributionPointAttributes, encodeName } from '../certificate/distinguished-names.ts'
import { directoryName, unknownExtension } from '../certificate/extensions.ts'
import { OID } from '../certificate/object-identifiers.ts'
import { sequence } from '../der/encode-der.ts'
import { TRANSPORT_FAULTS, type TransportFault } from '../service/transport-faults.ts'
import { deltaCrlIndicator, issuingDistributionPoint, type CrlPlan } from './build-crl.ts'
import { encodeManyCrlEntries } from './encode-crl-entries.ts'

/** What a misbehaviour may work with. */
export interface CrlMisbehaviourContext {
  readonly authority: CertificateAuthority
  /** CA of the other purpose: another name, another key. */
  readonly otherPurpose: CertificateAuthority
  /** Another generation of the same CA: the same name, another key. */
  readonly sibling: CertificateAuthority
  /** Serial numbers of certificates that are good and must not be listed. */
  readonly goodSerialNumbers: ReadonlySet<bigint>
  /** A stranger that uses the CA's name. */
  readonly stranger: () => Promise<CertificateAuthority>
}

type PlanChange = (plan: CrlPlan, context: CrlMisbehaviourContext) => CrlPlan | Promise<CrlPlan>

const DAY_MS = 24 * 60 * 60_000

/** Enough to show whether a reader's memory and time are bounded: 37 MB. */
const HUGE_ENTRIES = 1_000_000

/** Longer ago than any number a reader may have seen in its life of a test. */
const ROLL_BACK_BY = 1_000_000n

const shift = (plan: CrlPlan, ms: number): CrlPlan => ({
  ...plan,
  thisUpdate: new Date(plan.thisUpdate.getTime() + ms),
  nextUpdate: plan.nextUpdate && new Date(plan.nextUpdate.getTime() + ms),
})

const issuedBy = (plan: CrlPlan, authority: CertificateAuthority): CrlPlan => ({
  ...plan,
  issuerNameDer: authority.nameDer,
  issuerKeyId: authority.keyId,
  signingKey: authority.privateKey,
})

/** Lists that a reader must not accept (`huge`: or must bear), each wrong in one way. */
const PLAN_CHANGES = {
  expired: (plan) => shift(plan, -30 * DAY_MS),
  future: (plan) => shift(plan, DAY_MS),
  'next-update-absent': (plan) => ({ ...plan, nextUpdate: undefined }),
  // An older list that still holds, from before anything was revoked.
  'rolled-back': (plan) => ({
    ...plan,
    thisUpdate: new Date(plan.thisUpdate.getTime() - DAY_MS),
    number: (plan.number ?? 0n) - ROLL_BACK_BY,
    entries: [],
  }),
  'number-absent': (plan) => ({ ...plan, number: undefined }),
  'wrong-issuer': (plan, { otherPurpose }) => issuedBy(plan, otherPurpose),
  'sibling-issuer': (plan, { sibling }) => issuedBy(plan, sibling),
  'wrong-signer': async (plan, { stranger }) => ({ ...plan, signingKey: (await stranger()).privateKey }),
  'bad-signature': (plan) => ({ ...plan, corruptSignature: true }),
  'sha1-signature': (plan) => ({ ...plan, algorithm: 'sha1WithRSA' }),
  delta: (plan) => ({
    ...plan,
    entries: [],
    addExtensions: [...plan.addExtensions, deltaCrlIndicator((plan.number ?? 1n) - 1n)],
  }),
  'unknown-critical-extension': (plan) => ({
    ...plan,
    addExtensions: [...plan.addExtensions, unknownExtension(true)],
  }),
  'unknown-critical-entry-extension': (plan) => ({
    ...plan,
    entries: plan.entries.map((entry) => ({ ...entry, addExtensions: [unknownExtension(true)] })),
  }),
  // An indirect CRL: its entries name certificates of somebody else (RFC 5280 §5.3.3).
  indirect: (plan, { authority, otherPurpose }) => ({
    ...plan,
    entries: plan.entries.map((entry) => ({ ...entry, addExtensions: [certificateIssuer(otherPurpose.nameDer)] })),
    addExtensions: [
      ...plan.addExtensions,
      issuingDistributionPoint(encodeName(crlDistributionPointAttributes(authority.purpose)), { indirect: true }),
    ],
  }),
  // Speaks only of the certificates of another town, and so says nothing about ours.
  'other-distribution-point': (plan, { authority }) => ({
    ...plan,
    entries: [],
    addExtensions: [
      ...plan.addExtensions,
      issuingDistributionPoint(
        encodeName([...crlDistributionPointAttributes(authority.purpose).slice(0, -1), ['CN', 'Tonari-machi CRLDP']]),
        { indirect: false },
      ),
    ],
  }),
  huge: (plan, { goodSerialNumbers }) => ({
    ...plan,
    encodedEntries: encodeManyCrlEntries(HUGE_ENTRIES, plan.thisUpdate, goodSerialNumbers),
  }),
} as const satisfies Record<string, PlanChange>

const certificateIssuer = (nameDer: Uint8Array): { oid: string; critical: boolean; value: Buffer } => ({
  oid: OID.certificateIssuer,
  critical: true,
  value: sequence(directoryName(nameDer)),
})

type SignedFault = keyof typeof PLAN_CHANGES
export type CrlMisbehaviour = SignedFault | TransportFault

/** Everything the CRL can be ordered to be wrong in. */
export const CRL_MISBEHAVIOURS: readonly CrlMisbehaviour[] = [
  ...(Object.keys(PLAN_CHANGES) as SignedFault[]),
  ...(Object.keys(TRANSPORT_FAULTS) as TransportFault[]),
]

/** The plan as ordered; unchanged when the misbehaviour is not one of the list itself. */
export async function misbehaveInCrl(
  name: CrlMisbehaviour | undefined,
  plan: CrlPlan,
  context: CrlMisbehaviourContext,
): Promise<CrlPlan> {
  if (name === undefined || !Object.hasOwn(PLAN_CHANGES, name)) return plan
  return PLAN_CHANGES[name as SignedFault](plan, context)
}
