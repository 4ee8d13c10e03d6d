import type { ChangedClient } from '../../relying-party/client-administration.ts'
import type { ClientView } from '../../relying-party/client-view.ts'

/** One line for each that has a value, in the order of the registration. */
export function describeClient(client: ClientView): string {
  const { clientId, status, version, secrets, ...rest } = client
  const lines = [
    ['clientId', clientId],
    ['status', status],
    ['version', String(version)],
    ...Object.entries(rest).flatMap(([field, value]) => {
      const text = textOf(value)
      return text === '' ? [] : [[field, text]]
    }),
    ...secrets.map(({ createdAt, endsAt }) => [
      'secret',
      `since ${createdAt.toISOString()}${endsAt === undefined ? '' : `, accepted until ${endsAt.toISOString()}`}`,
    ]),
  ]
  const width = Math.max(...lines.map(([field = '']) => field.length))
  return lines.map(([field = '', text = '']) => `${field.padEnd(width)}  ${text}`).join('\n')
}

export function describeChange({ client, clientSecret }: ChangedClient): string {
  const secret =
    clientSecret === undefined ? '' : `\n\nclient secret, shown this once and never again:\n${clientSecret}`
  return describeClient(client) + secret
}

export function describeList(clients: readonly ClientView[]): string {
  if (clients.length === 0) return 'no client is registered'
  return clients
    .map(({ clientId, status, displayName, owner }) =>
      [clientId, status, `${displayName.ja} / ${displayName.en}`, owner ?? '—'].join('\t'),
    )
    .join('\n')
}

function textOf(value: unknown): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return ''
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(' ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}
