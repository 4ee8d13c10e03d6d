import { createHash } from 'node:crypto'
import type { ErrorCode } from '../../error-registry/registry.ts'
import type { LinkageQuestion, LinkageService } from '../linkage-service.ts'
import type { ChainStore, PersonDigest, RecordedCredential } from './chain-store.ts'
import { judgePredecessor } from './judge-predecessor.ts'

export interface RecognisePersonDependencies {
  readonly store: Pick<ChainStore, 'findPerson'>
  readonly linkage: Extract<LinkageService, { style: 'person' }>
  /** For the operator's log. */
  readonly onUnavailable: (cause: string) => void
}

export type Recognition =
  | {
      readonly outcome: 'recognised'
      /** `undefined`: the service has no name for the holder. */
      readonly person: PersonDigest | undefined
      /** Every credential of that person, the one to follow first. */
      readonly recorded: readonly RecordedCredential[]
      readonly asOf: Date
    }
  | { readonly outcome: 'refused'; readonly code: ErrorCode }

/** One national question instead of a walk: who holds this certificate, and what else do they hold that we know? */
export async function recognisePerson(
  deps: RecognisePersonDependencies,
  presented: LinkageQuestion,
): Promise<Recognition> {
  const { store, linkage, onUnavailable } = deps
  const answer = await linkage.personOf(presented)
  if (answer.status === 'unavailable') {
    onUnavailable(answer.cause)
    return { outcome: 'refused', code: 'LINK_SERVICE_UNAVAILABLE' }
  }
  const { asOf } = answer
  if (answer.status === 'none') return { outcome: 'recognised', person: undefined, recorded: [], asOf }

  const person = digestPerson(linkage.name, answer.personId)
  const found = await store.findPerson(person)
  // a card in use says more than one that was replaced
  const recorded = [...found].sort((one, other) => weigh(other) - weigh(one))
  const code = recorded[0] && judgePredecessor(recorded[0])
  return code === undefined ? { outcome: 'recognised', person, recorded, asOf } : { outcome: 'refused', code }
}

function weigh({ status, accountStatus }: RecordedCredential): number {
  return (accountStatus === 'active' ? 2 : 0) + (status === 'current' ? 1 : 0)
}

/**
 * A person id is random and an operator gives each customer others, so it needs no pepper; unlike a serial nobody can guess it. That
 * it is digested at all keeps a copy of the database from being matched with a log of the operator.
 */
export function digestPerson(source: string, personId: string): PersonDigest {
  const digest = createHash('sha256').update(`sekisho person\0${source}\0${personId}`).digest()
  return new Uint8Array(digest) as PersonDigest
}
