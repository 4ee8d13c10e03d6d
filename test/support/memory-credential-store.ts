import type { AuditEvent } from '../../src/audit/audit-event.ts'
import type { ChainStore, ChainWrite, NewLink, RecordedCredential } from '../../src/subject/chain/chain-store.ts'
import type { PepperedHandle, PepperedIdentity } from '../../src/subject/credential-handle.ts'
import type {
  AccountStatus,
  CredentialKind,
  CredentialStatus,
  CredentialStore,
} from '../../src/subject/credential-store.ts'

interface CredentialRow {
  readonly credentialId: string
  readonly accountId: string
  readonly kind: CredentialKind
  readonly notAfter: Date | undefined
  issuerKeyId: string | undefined
  handle: string
  publicKeyDigest: string | undefined
  status: CredentialStatus
  lastUsedAt: Date | undefined
  isTraced: boolean
  person: string | undefined
}

/** The port of src/subject in memory. It passes the same contract as the real one: test/contract/credential-store.test.ts. */
export interface MemoryCredentialStore extends CredentialStore, ChainStore {
  readonly events: AuditEvent[]
  readonly credentials: readonly CredentialRow[]
  readonly links: readonly NewLink[]
  readonly mergeCandidates: readonly NonNullable<ChainWrite['mergeCandidate']>[]
  setAccountStatus(accountId: string, status: AccountStatus, mergedInto?: string): void
  setCredential(credentialId: string, change: Partial<Pick<CredentialRow, 'status' | 'publicKeyDigest'>>): void
}

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex')

export function createMemoryCredentialStore(): MemoryCredentialStore {
  const accounts = new Map<string, { status: AccountStatus; mergedInto?: string }>()
  const credentials: CredentialRow[] = []
  const subjects = new Map<string, string>()
  const events: AuditEvent[] = []
  const links: NewLink[] = []
  const mergeCandidates: NonNullable<ChainWrite['mergeCandidate']>[] = []

  const find = <Peppered extends PepperedHandle>(identities: readonly Peppered[]) => {
    for (const identity of identities) {
      const row = credentials.find(({ handle }) => handle === hex(identity.handle))
      if (row !== undefined) return { row, identity }
    }
    return undefined
  }
  const recordedOf = (row: CredentialRow): RecordedCredential => {
    const { credentialId, kind, status, notAfter, isTraced, accountId: homeAccountId } = row
    const accountId = mustFind(accounts.get(homeAccountId)).mergedInto ?? homeAccountId
    const accountStatus = mustFind(accounts.get(accountId)).status
    return { credentialId, kind, status, notAfter, isTraced, homeAccountId, accountId, accountStatus }
  }
  const mustFind = <Found>(found: Found | undefined): Found => {
    if (found === undefined) throw new Error('there is no such row')
    return found
  }

  return {
    events,
    credentials,
    links,
    mergeCandidates,

    use(presented, now, record) {
      const found = find<PepperedIdentity>(presented.identities)
      if (found === undefined) return Promise.resolve(undefined)
      const { row, identity } = found
      const own = mustFind(accounts.get(row.accountId))
      const accountId = own.mergedInto ?? row.accountId
      const accountStatus = mustFind(accounts.get(accountId)).status
      const isSameKey =
        row.issuerKeyId === hex(presented.issuerKeyId) && row.publicKeyDigest === hex(identity.publicKeyDigest)
      const maySignIn = row.status === 'current' && isSameKey && accountStatus === 'active'
      const isRecorded = maySignIn && record !== undefined
      if (isRecorded) {
        const { credentialId } = row
        events.push({ type: 'sign_in.succeeded', ...record, accountId, credentialId, isNewAccount: false })
      }
      if (maySignIn) {
        const [written] = presented.identities
        Object.assign(row, {
          handle: hex(written.handle),
          publicKeyDigest: hex(written.publicKeyDigest),
          lastUsedAt: row.lastUsedAt !== undefined && now < row.lastUsedAt ? row.lastUsedAt : now,
        })
      }
      return Promise.resolve({
        credentialId: row.credentialId,
        status: row.status,
        isSameKey,
        accountId,
        accountStatus,
        isTraced: row.isTraced,
        signOuts: 0,
        hasNews: false,
        isRecorded,
      })
    },

    find: (handles) => {
      const found = find(handles)
      return Promise.resolve(found && recordedOf(found.row))
    },

    findPerson: (person) => Promise.resolve(credentials.filter((row) => row.person === hex(person)).map(recordedOf)),

    write(chain, told) {
      const { at, account, current, named, recorded, superseded, traced } = chain
      const fresh = [current.presented.identities, ...named.map(({ handles }) => handles)]
      const isSame = recorded.every((one) => {
        const row = mustFind(credentials.find(({ credentialId }) => credentialId === one.credentialId))
        return JSON.stringify(recordedOf(row)) === JSON.stringify(one)
      })
      if (!isSame || fresh.some((handles) => find(handles) !== undefined)) return Promise.resolve(false)
      const { accountId, isNew } = account
      if (isNew) accounts.set(accountId, { status: 'active' })
      const [written] = current.presented.identities
      credentials.push({
        credentialId: current.credentialId,
        accountId,
        kind: current.kind,
        notAfter: current.presented.notAfter,
        handle: hex(written.handle),
        issuerKeyId: hex(current.presented.issuerKeyId),
        publicKeyDigest: hex(written.publicKeyDigest),
        status: current.status,
        lastUsedAt: current.status === 'current' ? at : undefined,
        isTraced: false,
        person: current.personDigest && hex(current.personDigest),
      })
      for (const { credentialId, kind, handles } of named) {
        credentials.push({
          credentialId,
          accountId,
          kind,
          notAfter: undefined,
          handle: hex(handles[0].handle),
          issuerKeyId: undefined,
          publicKeyDigest: undefined,
          status: 'superseded',
          lastUsedAt: undefined,
          isTraced: false,
          person: undefined,
        })
      }
      for (const row of credentials) {
        if (superseded.includes(row.credentialId)) row.status = 'superseded'
        if (traced.includes(row.credentialId)) row.isTraced = true
      }
      links.push(...chain.links)
      if (chain.mergeCandidate !== undefined) mergeCandidates.push(chain.mergeCandidate)
      events.push(...told)
      return Promise.resolve(true)
    },

    nameHolder(credentialId, person, _at, mergeCandidate, told) {
      const row = mustFind(credentials.find((one) => one.credentialId === credentialId))
      row.person = person && hex(person)
      row.isTraced = true
      if (mergeCandidate !== undefined) mergeCandidates.push(mergeCandidate)
      events.push(...told)
      return Promise.resolve()
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
