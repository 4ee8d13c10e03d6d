import type { NamedCredential, NewCredential } from '../subject/chain/chain-store.ts'
import type { PepperedHandles } from '../subject/credential-handle.ts'
import type { Queryable } from './database.ts'
import { takeTurns } from './graph-lock.ts'
import { Outpaced } from './outpaced.ts'

/**
 * Puts new credentials into an account: the presented one and those that were only named.
 *
 * @throws Outpaced when one of them is known by now
 */
export async function insertCredentials(
  transaction: Queryable,
  accountId: string,
  current: NewCredential,
  named: readonly NamedCredential[],
  at: Date,
): Promise<void> {
  const rows = [rowOfPresented(current, at), ...named.map(rowOfNamed)]
  const rotating = rows.filter(({ handles }) => handles.length > 1)
  if (rotating.length > 0) {
    // Two processes that are a step apart in changing the pepper write different handles, which unique(handle) does not
    // see. Both know the oldest pepper: they take turns by it, and the second one finds the first one's row below.
    await takeTurns(
      transaction,
      rotating.map(({ handles }) => oldestOf(handles)),
    )
  }
  // In the order of the handles: two chains that share members wait for each other, never in a circle.
  for (const row of rows.toSorted((one, other) => Buffer.compare(one.handles[0].handle, other.handles[0].handle))) {
    const [written] = row.handles
    // unique(handle) decides: the slower one waits for the faster one's transaction and then inserts nothing
    const { rowCount } = await transaction.query(
      `INSERT INTO credentials (id, account_id, kind, handle, pepper_version, issuer_key_id, public_key_digest, not_after,
         status, first_seen_at, last_used_at, person_digest)
       SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12
       WHERE NOT EXISTS (SELECT FROM credentials WHERE handle = ANY ($13::bytea[]))
       ON CONFLICT (handle) DO NOTHING`,
      [
        row.credentialId,
        accountId,
        row.kind,
        written.handle,
        written.pepperVersion,
        row.issuerKeyId,
        row.publicKeyDigest,
        row.notAfter,
        row.status,
        at,
        row.lastUsedAt,
        row.personDigest,
        row.handles.map(({ handle }) => handle),
      ],
    )
    if (rowCount !== 1) throw new Outpaced('a credential became known')
  }
}

function rowOfPresented({ credentialId, kind, presented, status, personDigest }: NewCredential, at: Date) {
  const { identities, issuerKeyId, notAfter } = presented
  return {
    credentialId,
    kind,
    status,
    handles: identities,
    issuerKeyId,
    publicKeyDigest: identities[0].publicKeyDigest,
    notAfter,
    lastUsedAt: status === 'current' ? at : null,
    personDigest,
  }
}

function rowOfNamed({ credentialId, kind, handles }: NamedCredential) {
  return {
    credentialId,
    kind,
    status: 'superseded',
    handles,
    issuerKeyId: null,
    publicKeyDigest: null,
    notAfter: null,
    lastUsedAt: null,
    personDigest: null,
  }
}

function oldestOf(handles: PepperedHandles): Uint8Array {
  return handles.reduce((one, other) => (other.pepperVersion < one.pepperVersion ? other : one)).handle
}
