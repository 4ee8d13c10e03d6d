import type { KnownCredential } from '../credential-store.ts'
import type { LinkageQuestion, LinkageService } from '../linkage-service.ts'
import type { ChainStore } from './chain-store.ts'
import { digestPerson } from './recognise-person.ts'

export interface NameKnownHolderDependencies {
  readonly chains: ChainStore
  readonly linkage: Extract<LinkageService, { style: 'person' }>
  readonly now: () => Date
  readonly newId: () => string
  readonly onLinkageUnavailable: (cause: string) => void
}

/**
 * A card that came before the linkage service did: at one log-in its holder's name is asked, so that the next card finds this account.
 * Nothing depends on it now, so an outage only means that it is asked again.
 */
export async function nameKnownHolder(
  { chains, linkage, now, newId, onLinkageUnavailable }: NameKnownHolderDependencies,
  question: LinkageQuestion,
  { accountId, credentialId }: KnownCredential,
): Promise<void> {
  const answer = await linkage.personOf(question)
  if (answer.status === 'unavailable') {
    onLinkageUnavailable(answer.cause)
    return
  }
  if (answer.status === 'none') {
    await chains.nameHolder(credentialId, undefined, now(), undefined, [])
    return
  }
  const person = digestPerson(linkage.name, answer.personId)
  const other = (await chains.findPerson(person)).find(
    (one) => one.accountId !== accountId && one.status !== 'unlinked',
  )
  if (other === undefined) {
    await chains.nameHolder(credentialId, person, now(), undefined, [])
    return
  }
  const { accountId: otherAccountId } = other
  await chains.nameHolder(
    credentialId,
    person,
    now(),
    {
      id: newId(),
      accountId,
      otherAccountId,
      evidence: { source: linkage.name, asOf: answer.asOf.toISOString() },
    },
    [{ type: 'account.merge_candidate', accountId, otherAccountId }],
  )
}
