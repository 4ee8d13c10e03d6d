import { ClientRefused } from './client-refused.ts'
import type { RegisteredClient } from './registration.ts'

type SubjectFields = Pick<RegisteredClient, 'clientId' | 'subjectType' | 'sectorIdentifierUri' | 'redirectUris'>

/**
 * A pairwise `sub` belongs to a sector: the host of the sector identifier, else of the redirect URIs (OpenID Connect Core §8.1). A
 * site that moves to another host would know none of its people again, which is hardly ever meant.
 *
 * @throws ClientRefused CLIENT_SUBJECTS_WOULD_CHANGE
 */
export function refuseOtherSubjects(before: SubjectFields, after: SubjectFields): void {
  if (subjectSpaceOf(before) === subjectSpaceOf(after)) return
  throw new ClientRefused(
    'CLIENT_SUBJECTS_WOULD_CHANGE',
    `the site would know everybody under another sub (${subjectSpaceOf(before)} → ${subjectSpaceOf(after)}): keep the old sector ` +
      'by sectorIdentifierUri, or say that it is meant',
  )
}

function subjectSpaceOf({ subjectType, sectorIdentifierUri, redirectUris }: SubjectFields): string {
  if (subjectType === 'public') return 'public'
  const [address] = sectorIdentifierUri === undefined ? redirectUris : [sectorIdentifierUri]
  return address === undefined ? 'no sector' : `sector ${new URL(address).host}`
}
