import type { CertificateAuthority } from '../certificate/certificate-authority.ts'
import type { KeyStore } from '../key/create-key-store.ts'
import type { CertificateRegistry, RegisteredCertificate } from '../registry.ts'
import { findAsked } from './find-asked.ts'
import type { LinkageMisbehaviour, SaidWrong } from './linkage-misbehaviours.ts'
import type { DontKnow, LinkageQuestion, PersonAnswer, PersonQuestion, PreviousAnswer } from './linkage-question.ts'
import { choosePrevious, inventPrevious } from './choose-previous.ts'

export interface LinkageServiceDeps {
  /** CAs whose certificates it knows; may grow. */
  readonly authorities: readonly CertificateAuthority[]
  readonly registry: CertificateRegistry
  readonly keys: KeyStore
  readonly now: () => Date
}

/** What J-LIS tells certified operators: which certificate came before, and who is the same person (jpki.md §4.3). */
export interface LinkageService {
  previousOf(question: LinkageQuestion, saidWrong?: SaidWrong): PreviousAnswer
  personOf(question: PersonQuestion, saidWrong?: SaidWrong): PersonAnswer
  /** What the registry holds for this one certificate: an outage that only its card meets, say. */
  orderedFor(question: LinkageQuestion): LinkageMisbehaviour | undefined
}

const YEAR_MS = 365 * 24 * 60 * 60_000

export function createLinkageService(deps: LinkageServiceDeps): LinkageService {
  const { registry, keys, now } = deps

  /** Ids come from the seed: the same in every process. */
  const personIdOf = (entry: RegisteredCertificate, tenant: string): string =>
    keys.octets(`person ${JSON.stringify([tenant, personOfEntry(entry)])}`, 16).toString('hex')

  const somebodyElse = (asked: RegisteredCertificate): RegisteredCertificate | undefined =>
    registry.list(asked.authority).find((entry) => personOfEntry(entry) !== personOfEntry(asked))

  const issuerNameOf = (authority: string, otherwise: Uint8Array): Buffer =>
    Buffer.from(deps.authorities.find(({ name }) => name === authority)?.nameDer ?? otherwise)

  return {
    previousOf(question, saidWrong) {
      const dontKnow = dontKnowOf(saidWrong)
      if (dontKnow !== undefined) return dontKnow
      const asOf = asOfWhen(now(), saidWrong)
      // before the registry is asked: predecessors that were made up have predecessors too
      if (saidWrong === 'endless-chain') return { result: 'found', previous: inventPrevious(keys, question), asOf }
      const entry = findAsked(deps, question)
      if (typeof entry === 'string') return { result: 'error', error: entry }
      const chosen = choosePrevious(entry, saidWrong, somebodyElse)
      if (chosen === undefined) return { result: 'none', asOf }
      const { authority, serialNumber, relation } = chosen
      const issuerNameDer = issuerNameOf(authority, question.issuerNameDer)
      return { result: 'found', previous: { issuerNameDer, serialNumber, relation }, asOf }
    },

    personOf({ tenant = 'anyone', ...question }, saidWrong) {
      const dontKnow = dontKnowOf(saidWrong)
      if (dontKnow !== undefined) return dontKnow
      const entry = findAsked(deps, question)
      if (typeof entry === 'string') return { result: 'error', error: entry }
      const asOf = asOfWhen(now(), saidWrong)
      if (saidWrong === 'denies-link') return { result: 'none', asOf }
      const said = saidWrong === 'wrong-person' ? (somebodyElse(entry) ?? entry) : entry
      return { result: 'found', personId: personIdOf(said, tenant), asOf }
    },

    orderedFor(question) {
      const entry = findAsked(deps, question)
      return typeof entry === 'string' ? undefined : entry.linkage
    },
  }
}

const personOfEntry = (entry: RegisteredCertificate): string => entry.person ?? entry.holder

function dontKnowOf(saidWrong: SaidWrong | undefined): DontKnow | undefined {
  if (saidWrong === 'down') return { result: 'unavailable' }
  if (saidWrong === 'unauthorized' || saidWrong === 'unknown-certificate') return { result: 'error', error: saidWrong }
  return undefined
}

function asOfWhen(now: Date, saidWrong: SaidWrong | undefined): Date {
  if (saidWrong === 'stale') return new Date(now.getTime() - YEAR_MS)
  return saidWrong === 'from-the-future' ? new Date(now.getTime() + YEAR_MS) : now
}
