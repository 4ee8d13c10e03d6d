import { isLocalhostOrigin, parseProviderOrigin } from '@sekisho/protocol'
import { z } from 'zod'

/** Formats of settings: from the text of an environment variable to a value. Messages never repeat the text. */

export const flag = z.enum(['0', '1', 'true', 'false'], 'must be 1, 0, true or false').transform(isOn)

function isOn(text: string): boolean {
  return text === '1' || text === 'true'
}

export const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must lie between ${min} and ${max}`)

/** RFC 8414 §2, and protocol.md: the bytes a card signs name an origin. */
export const issuer = z.string().transform((text, ctx) => {
  const origin = parseProviderOrigin(text)
  if (origin === undefined) return refuse(ctx, 'must be an origin, scheme://host[:port], with no path')
  if (!origin.startsWith('https:') && !isLocalhostOrigin(origin)) {
    return refuse(ctx, 'must be https: (http: only for localhost)')
  }
  return origin
})

export const httpUrl = z
  .string()
  .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'must be an http: or https: address')
  .transform((text) => new URL(text).href)

export const postgresUrl = z
  .string()
  .refine(
    (text) => /^postgres(?:ql)?:$/.test(URL.parse(text)?.protocol ?? ''),
    'must be postgres://user:password@host:port/database',
  )

/** Where Redis is; `rediss` is TLS. Several nodes are what the other two kinds need, and what no URL parser takes. */
export interface RedisUrl {
  readonly kind: 'single' | 'sentinel' | 'cluster'
  readonly nodes: readonly { readonly host: string; readonly port: number }[]
  readonly masterName: string | undefined
  readonly username: string | undefined
  readonly password: string | undefined
  readonly database: number
  readonly isEncrypted: boolean
}

const REDIS_URL = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^@/]+)(?:\/([^?#]*))?$/
const REDIS_NODE = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/
const REDIS_FAULT =
  'must be redis://user:password@host:port/database, redis+sentinel://…@host:port,host:port/master-name/database or ' +
  'redis+cluster://…@host:port,host:port (rediss: with TLS)'

export const redisUrl = z.string().transform((text, ctx): RedisUrl => {
  const [, scheme, kind = 'single', username = '', password = '', hosts = '', path = ''] = REDIS_URL.exec(text) ?? []
  const nodes = hosts.split(',').map((node) => {
    const [, host = '', port] = REDIS_NODE.exec(node) ?? []
    return { host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? (kind === 'sentinel' ? 26_379 : 6379)) }
  })
  const [first = '', second = '', ...more] = path.split('/')
  const masterName = kind === 'sentinel' ? first : ''
  const database = kind === 'sentinel' ? second : first
  const isWrong =
    scheme === undefined ||
    nodes.some(({ host, port }) => host === '' || port < 1 || port > 65_535) ||
    !/^\d{0,3}$/.test(database) ||
    (kind === 'single' && (nodes.length !== 1 || second !== '')) ||
    more.length > 0 ||
    (kind === 'sentinel' && masterName === '') ||
    (kind === 'cluster' && path !== '') ||
    decoded(username) === undefined ||
    decoded(password) === undefined
  if (isWrong) return refuse(ctx, REDIS_FAULT)
  return {
    kind: kind as RedisUrl['kind'],
    nodes,
    masterName: masterName || undefined,
    username: decoded(username) || undefined,
    password: decoded(password) || undefined,
    database: Number(database),
    isEncrypted: scheme === 'rediss',
  }
})

/** Comma-separated, no empty entry, none twice. */
export const list = <Item>(item: z.ZodType<Item, string>) =>
  z
    .string()
    .transform((text) => text.split(',').map((entry) => entry.trim()))
    .pipe(z.array(item).refine((items) => new Set(items).size === items.length, 'names an entry twice'))

export const host = z
  .string()
  .max(253)
  .regex(
    /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])$/,
    'must be a host name or address in lower case, without a port',
  )

/** Policies of certificates on cards, which say nothing about phones (jpki.md §2.3, §2.4). */
const CARD_POLICIES = ['1.2.392.200149.8.5.1.3.30', '1.2.392.200149.8.5.1.1.20', '2.5.29.32.0']

/** An object identifier in dots, of a policy that is not the card's own. */
export const policy = z
  .string()
  .max(100)
  .regex(/^[0-2](?:\.(?:0|[1-9]\d*))+$/, 'must be an object identifier such as 1.2.392.200149.8.5.1')
  .refine((oid) => !CARD_POLICIES.includes(oid), 'names a policy of cards, or any policy')

/** Base64 or base64url of so many octets. */
export const octets = (min: number, max: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9+/_-]+={0,2}$/, 'must be base64')
    .transform((text) => Buffer.from(text, 'base64'))
    .refine(
      ({ length }) => length >= min && length <= max,
      min === max ? `must be ${min} octets in base64` : `must be ${min} to ${max} octets in base64`,
    )

/** A key with a number, so that two can stand side by side while one replaces the other. */
export interface VersionedKey {
  readonly version: number
  readonly key: Buffer
}

/** `VERSION:BASE64[,VERSION:BASE64…]` */
export const versionedKeys = z
  .string()
  .transform((text) => text.split(',').map((entry) => entry.trim().split(':')))
  .pipe(
    z
      .array(
        z
          .tuple([integer(1, 1_000_000), octets(32, 64)], 'must be VERSION:BASE64[,VERSION:BASE64…]')
          .transform(([version, key]): VersionedKey => ({ version, key })),
      )
      .refine((keys) => new Set(keys.map(({ version }) => version)).size === keys.length, 'names a version twice'),
  )

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function refuse(ctx: z.RefinementCtx, message: string): never {
  ctx.addIssue({ code: 'custom', message })
  return z.NEVER
}
