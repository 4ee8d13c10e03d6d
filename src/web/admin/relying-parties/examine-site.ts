import type { ClientView } from '../../../relying-party/client-view.ts'

/** Words: `admin.sites.try.check.<key>`. `detail` is for whoever mends it. */
export interface SiteFinding {
  readonly key: 'enabled' | 'provider' | 'secret' | 'secretEnding' | 'unchecked' | 'localhost' | 'noOwner'
  readonly state: 'good' | 'note' | 'bad'
  readonly detail?: string | undefined
}

/** What would keep people from signing in there, and what an operator should know of it. @param fault why the provider cannot load it */
export function examineSite(client: ClientView, fault: string | undefined): readonly SiteFinding[] {
  const findings: SiteFinding[] = [
    { key: 'enabled', state: client.status === 'enabled' ? 'good' : 'bad' },
    { key: 'provider', state: fault === undefined ? 'good' : 'bad', detail: fault },
  ]
  if (client.tokenEndpointAuthMethod === 'client_secret_basic') {
    findings.push({ key: 'secret', state: client.secrets.length > 0 ? 'good' : 'bad' })
    const ends = client.secrets.find(({ endsAt }) => endsAt !== undefined)?.endsAt
    if (ends !== undefined) findings.push({ key: 'secretEnding', state: 'note', detail: ends.toISOString() })
  }
  if (client.revocationPolicy === 'allow-unchecked') findings.push({ key: 'unchecked', state: 'note' })
  const local = client.redirectUris.filter((uri) => uri.startsWith('http:'))
  if (local.length > 0 && client.applicationType !== 'native') {
    findings.push({ key: 'localhost', state: 'note', detail: local.join(' ') })
  }
  if (client.owner === undefined) findings.push({ key: 'noOwner', state: 'note' })
  return findings
}
