import type { AuditActor } from '../../audit/audit-event.ts'
import { Refusal } from '../../error-registry/refusal.ts'
import type { ExternalAccount, ExternalAccountStore } from './external-account-store.ts'
import { FieldsRefused } from './link-request.ts'

export interface ExternalAccountsDependencies {
  readonly store: ExternalAccountStore
  readonly now: () => Date
  /** For whoever counts. */
  readonly onRemoved?: () => void
}

export interface ExternalAccountPage {
  readonly links: readonly ExternalAccount[]
  /** For the next page; undefined: that was the last one. */
  readonly nextCursor: string | undefined
}

/** The links that stand: what may be done with them by the site, its administrators, the operator and the person. */
export interface ExternalAccounts {
  /** @throws FieldsRefused for a cursor that is not ours */
  list(
    clientId: string,
    page?: { readonly cursor?: string | undefined; readonly limit?: number },
  ): Promise<ExternalAccountPage>
  /** @throws Refusal LINK_EXTERNAL_ACCOUNT_NOT_FOUND */
  remove(clientId: string, externalId: string, actor: AuditActor): Promise<void>
  /** Of one person. */
  ofAccount(accountId: string): Promise<readonly ExternalAccount[]>
  /** @returns false when there was none */
  removeOfAccount(accountId: string, clientId: string, actor: AuditActor): Promise<boolean>
  externalIdOf: ExternalAccountStore['externalIdOf']
  accountOf: ExternalAccountStore['accountOf']
}

export const MAX_PAGE = 100
const CURSOR = /^[1-9]\d{0,17}$/

export function createExternalAccounts({ store, now, onRemoved }: ExternalAccountsDependencies): ExternalAccounts {
  return {
    async list(clientId, { cursor, limit = MAX_PAGE } = {}) {
      if (cursor !== undefined && !CURSOR.test(cursor))
        throw new FieldsRefused([{ field: 'cursor', message: 'is not one that was given' }])
      const found = await store.list(clientId, { after: cursor, limit: limit + 1 })
      const links = found.slice(0, limit)
      return { links, nextCursor: found.length > limit ? links.at(-1)?.id : undefined }
    },

    async remove(clientId, externalId, actor) {
      if (!(await store.remove({ clientId, externalId }, now(), actor)))
        throw new Refusal('LINK_EXTERNAL_ACCOUNT_NOT_FOUND')
      onRemoved?.()
    },

    ofAccount: (accountId) => store.ofAccount(accountId),

    async removeOfAccount(accountId, clientId, actor) {
      const isRemoved = await store.remove({ clientId, accountId }, now(), actor)
      if (isRemoved) onRemoved?.()
      return isRemoved
    },

    externalIdOf: (accountId, clientId) => store.externalIdOf(accountId, clientId),
    accountOf: (clientId, externalId) => store.accountOf(clientId, externalId),
  }
}
