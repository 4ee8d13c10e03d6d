import { ClientRefused } from './client-refused.ts'
import { PUBLIC_SECTOR, sectorOfClient } from './sector.ts'

type SubjectFields = Parameters<typeof sectorOfClient>[0]

/**
 * A pairwise `sub` belongs to a sector (sector.ts; OpenID Connect Core §8.1). A site that moves to another host would know none of its
 * people again, which is hardly ever meant.
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

function subjectSpaceOf(client: SubjectFields): string {
  const sector = sectorOfClient(client)
  return sector === PUBLIC_SECTOR ? 'public' : `sector ${sector}`
}
