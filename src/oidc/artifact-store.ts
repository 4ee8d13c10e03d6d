import type { AdapterPayload } from 'oidc-provider'

/** What of src/storage/oidc-artifact-store.ts is needed here. */
export interface ArtifactStore {
  upsert(model: string, id: string, payload: AdapterPayload, expiresInSeconds?: number): Promise<void>
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
