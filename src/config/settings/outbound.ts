import { host, list } from '../setting-formats.ts'
import { setting } from '../setting.ts'

/** Which hosts of our own network may be asked. */
export const OUTBOUND_SETTINGS = {
  OUTBOUND_INTRANET_HOSTS: setting({
    schema: list(host),
    summary:
      'Hosts of the addresses above that are on your own network. All others must have public addresses, whatever DNS says.',
    format: 'comma-separated host names',
    unset: 'none',
  }),
  CLIENT_INTRANET_HOSTS: setting({
    schema: list(host),
    summary:
      'Hosts on your own network where registered clients may have addresses that this server asks or tells: `jwksUri`, `backchannelLogoutUri`, `sectorIdentifierUri`.',
    format: 'comma-separated host names',
    unset: 'none: public addresses only',
  }),
} as const
