/** Where Redis is, and how it is reached. */
export interface RedisLocation {
  readonly kind: 'single' | 'sentinel' | 'cluster'
  /** Of Redis itself; with `sentinel`, of the sentinels. At least one. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[]
  /** What the sentinels call the master. */
  readonly masterName?: string | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly sentinelPassword?: string | undefined
  /** Number of the database; a cluster has only 0. */
  readonly database: number
  /** `ca`: PEM of the authority that signed the servers' certificates, when it is not a public one. */
  readonly tls: false | { readonly ca?: string | undefined }
}
