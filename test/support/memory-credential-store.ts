import type { AuditEvent } from '../../src/audit/audit-event.ts'
import type {
  AccountStatus,
  CredentialStatus,
  CredentialStore,
  PresentedCredential,
} from '../../src/subject/credential-store.ts'

interface CredentialRow {
  readonly credentialId: string
  readonly accountId: string
  readonly issuerKeyId: string | undefined
  handle: string
  publicKeyDigest: string | undefined
  status: CredentialStatus
  lastUsedAt: Date
}

/** The port of src/subject in memory. It passes the same contract as the real one: test/contract/credential-store.test.ts. */
export interface MemoryCredentialStore extends CredentialStore {
  readonly events: AuditEvent[]
  readonly credentials: readonly CredentialRow[]
  setAccountStatus(accountId: string, status: AccountStatus, mergedInto?: string): void
  setCredential(credentialId: string, change: Partial<Pick<CredentialRow, 'status' | 'publicKeyDigest'>>): void
}

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex')

export function createMemoryCredentialStore(): MemoryCredentialStore {
  const accounts = new Map<string, { status: AccountStatus; mergedInto?: string }>()
  const credentials: CredentialRow[] = []
  const subjects = new Map<string, string>()
  const events: AuditEvent[] = []

  const find = ({ identities }: PresentedCredential) => {
    for (const identity of identities) {
      const row = credentials.find(({ handle }) => handle === hex(identity.handle))
      if (row !== undefined) return { row, identity }
    }
    return undefined
  }
  const mustFind = <Found>(found: Found | undefined): Found => {
    if (found === undefined) throw new Error('there is no such row')
    return found
  }

  return {
    events,
    credentials,

    use(presented, now) {
      const found = find(presented)
      if (found === undefined) return Promise.resolve(undefined)
      const { row, identity } = found
      const own = mustFind(accounts.get(row.accountId))
      const accountId = own.mergedInto ?? row.accountId
      const accountStatus = mustFind(accounts.get(accountId)).status
      const isSameKey =
        row.issuerKeyId === hex(presented.issuerKeyId) && row.publicKeyDigest === hex(identity.publicKeyDigest)
      if (row.status === 'current' && isSameKey && accountStatus === 'active') {
        const [written] = presented.identities
        Object.assign(row, {
          handle: hex(written.handle),
          publicKeyDigest: hex(written.publicKeyDigest),
          lastUsedAt: now > row.lastUsedAt ? now : row.lastUsedAt,
        })
      }
      return Promise.resolve({
        credentialId: row.credentialId,
        status: row.status,
        isSameKey,
        accountId,
        accountStatus,
      })
    },

    createAccount({ accountId, credentialId, presented, at }, told) {
      if (find(presented) !== undefined) return Promise.resolve(false)
      const [written] = presented.identities
      accounts.set(accountId, { status: 'active' })
      credentials.push({
        credentialId,
        accountId,
        handle: hex(written.handle),
        issuerKeyId: hex(presented.issuerKeyId),
        publicKeyDigest: hex(written.publicKeyDigest),
        status: 'current',
        lastUsedAt: at,
      })
      events.push(...told)
      return Promise.resolve(true)
    },

    subject(accountId, sector, candidate) {
      const key = JSON.stringify([accountId, sector])
      const sub = subjects.get(key) ?? candidate
      subjects.set(key, sub)
      return Promise.resolve(sub)
    },

    accountStatus: (accountId) => Promise.resolve(accounts.get(accountId)?.status),

    setAccountStatus(accountId, status, mergedInto) {
      accounts.set(accountId, mergedInto === undefined ? { status } : { status, mergedInto })
    },

    setCredential(credentialId, change) {
      Object.assign(mustFind(credentials.find((row) => row.credentialId === credentialId)), change)
    },
  }
}
