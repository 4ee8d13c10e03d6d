import type { StoredEvent } from '../../../audit/seal/stored-event.ts'
import type { Locale } from '../../locale.ts'
import { writeMoment } from '../../describe-overview.ts'

/** A record as a row of the list. Ids only: the log holds nothing else. */
export function describeEvent(event: StoredEvent, locale: Locale) {
  const { sequence, type, actor, accountId, clientId, details } = event
  const at = new Date(event.at)
  const code = details['code']
  return {
    number: sequence.toString(),
    href: `/admin/audit/${sequence.toString()}`,
    at: writeMoment(at, locale),
    type,
    actor,
    accountId: accountId ?? '',
    clientId: clientId ?? '',
    code: typeof code === 'string' ? code : '',
  }
}
