import type { AdapterPayload } from 'oidc-provider'

/** What of src/storage/oidc-artifact-store.ts is needed here. */
export interface ArtifactStore {
  upsert(model: string, id: string, payload: AdapterPayload, expiresInSeconds?: number): Promise<void>
  writeTogether(writes: readonly ArtifactWrite[]): Promise<void>
  insertOnce(model: string, id: string, payload: AdapterPayload, expiresInSeconds?: number): Promise<boolean>
  rememberProof(id: string, payload: AdapterPayload, expiresInSeconds: number, madeAt: number): Promise<boolean>
  find(model: string, id: string): Promise<AdapterPayload | undefined>
  findWithGrant(
    model: string,
    id: string,
  ): Promise<readonly [artifact?: AdapterPayload, grant?: AdapterPayload | undefined]>
  findSession(uid: string): Promise<AdapterPayload | undefined>
  consume(model: string, id: string): Promise<boolean>
  destroy(model: string, id: string): Promise<void>
  revokeByGrantId(grantId: string): Promise<void>
  revokeGrantOf(model: string, id: string): Promise<void>
}

export type ArtifactWrite =
  | {
      readonly act: 'put'
      readonly model: string
      readonly id: string
      readonly payload: AdapterPayload
      readonly expiresInSeconds: number | undefined
    }
  | { readonly act: 'destroy'; readonly model: string; readonly id: string }
