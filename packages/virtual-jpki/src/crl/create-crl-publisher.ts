import type { AuthorityOrder, CertificateAuthority, Generation } from '../certificate/certificate-authority.ts'
import { crlDistributionPointAttributes, encodeName, type Purpose } from '../certificate/distinguished-names.ts'
import { defaultSignatureAlgorithm } from '../certificate/signature-algorithm.ts'
import type { CertificateRegistry } from '../registry.ts'
import { answer, type HttpAnswer } from '../service/http-answer.ts'
import { misbehaveInTransport } from '../service/transport-faults.ts'
import { buildCrl, issuingDistributionPoint, type CrlPlan } from './build-crl.ts'
import { misbehaveInCrl, type CrlMisbehaviour } from './crl-misbehaviours.ts'
import { encodeManyCrlEntries, type CrlEntryPlan } from './encode-crl-entries.ts'

export interface CrlOrder {
  /** Default `authentication`. */
  readonly purpose?: Purpose
  /** Default the newest: every generation signs a list of its own. */
  readonly generation?: Generation
  /** A CA made with `makeCertificateAuthority`, instead of purpose and generation. */
  readonly authority?: CertificateAuthority
  readonly misbehaviour?: CrlMisbehaviour
  /** Entries for certificates that never existed, beside those of the registry; 10^6 take about a second. */
  readonly addEntries?: number
  /** `municipality`: with the critical IDP that fits the CRLDP of the leaves. Default: one list for all. */
  readonly scope?: 'all' | 'municipality'
  /** Replaces parts of the plan, before any misbehaviour. */
  readonly overrides?: Partial<CrlPlan>
}

export interface CrlPublisher {
  answer(order?: CrlOrder): Promise<HttpAnswer>
}

/** More than three times the list of a million entries. */
const OVERSIZED_OCTETS = 128 * 1024 * 1024

/** A daily list (jpki.md §4.1) with half a day to spare. */
const LIST_HOLDS_MS = 36 * 60 * 60_000

/** Publishes what the registry holds as revoked. */
export function createCrlPublisher(deps: {
  readonly registry: CertificateRegistry
  readonly now: () => Date
  authority(purpose: Purpose, generation: Generation): CertificateAuthority
  newest(purpose: Purpose): CertificateAuthority
  makeAuthority(order: AuthorityOrder): Promise<CertificateAuthority>
}): CrlPublisher {
  const { registry } = deps

  const revokedEntries = (authority: CertificateAuthority): readonly CrlEntryPlan[] =>
    registry
      .list(authority.name)
      .flatMap(({ serialNumber, status }) => (status.status === 'revoked' ? [{ serialNumber, ...status }] : []))

  const goodSerialNumbers = (authority: CertificateAuthority): ReadonlySet<bigint> =>
    new Set(
      registry
        .list(authority.name)
        .filter(({ status }) => status.status === 'good')
        .map(({ serialNumber }) => serialNumber),
    )

  return {
    async answer(order = {}) {
      const { purpose = 'authentication', generation, misbehaviour, addEntries = 0, scope = 'all' } = order
      const authority =
        order.authority ?? (generation === undefined ? deps.newest(purpose) : deps.authority(purpose, generation))
      const thisUpdate = new Date(Math.floor(deps.now().getTime() / 1000) * 1000)
      const good = goodSerialNumbers(authority)
      const plan: CrlPlan = {
        issuerNameDer: authority.nameDer,
        issuerKeyId: authority.keyId,
        signingKey: authority.privateKey,
        algorithm: defaultSignatureAlgorithm(authority.privateKey),
        corruptSignature: false,
        thisUpdate,
        nextUpdate: new Date(thisUpdate.getTime() + LIST_HOLDS_MS),
        // Rises with time, also across a restart.
        number: BigInt(thisUpdate.getTime() / 1000),
        entries: revokedEntries(authority),
        encodedEntries: addEntries === 0 ? Buffer.alloc(0) : encodeManyCrlEntries(addEntries, thisUpdate, good),
        addExtensions:
          scope === 'all'
            ? []
            : [issuingDistributionPoint(encodeName(crlDistributionPointAttributes(purpose)), { indirect: false })],
        ...order.overrides,
      }
      const body = buildCrl(
        await misbehaveInCrl(misbehaviour, plan, {
          authority,
          otherPurpose: deps.newest(purpose === 'authentication' ? 'signature' : 'authentication'),
          sibling: deps.authority(purpose, authority.name.endsWith('3') ? 2 : 3),
          goodSerialNumbers: good,
          stranger: () => deps.makeAuthority({ name: `${purpose}-stranger`, purpose }),
        }),
      )
      const list = answer('application/pkix-crl', body)
      return misbehaveInTransport(misbehaviour, list, OVERSIZED_OCTETS)
    },
  }
}
