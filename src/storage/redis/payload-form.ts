import type { ArtifactPayload } from '../oidc-artifact-store.ts'

/**
 * How the payload of a record that lives for long is written: the values of the fields that its model has, in the order below, without their
 * names, and what they often are by a number. That is half of what it takes as JSON. Whatever fits into no place is kept under its name in the
 * last one, so that any payload comes back as it was. What a release before wrote begins with `{`, and is read as long as it lives; that release
 * believes no record of this form (`scripts.ts`).
 *
 * A form never changes: where what has no place stands depends on how many fields there are. With another field or another number it is another
 * form, under a letter of its own, which is written as soon as no server is there that does not know it, and this one stays to be read.
 */
type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

interface Kept {
  /** @returns undefined: not in this form. Never null */
  pack(value: unknown, iat: number): Json | undefined
  unpack(kept: Json, iat: number): unknown
}

const asIs: Kept = {
  // null says that there is none, and so would what JSON writes as null
  pack: (value) =>
    value === null || (typeof value === 'number' && !Number.isFinite(value)) ? undefined : (value as Json),
  unpack: (kept) => kept,
}

/** Seconds, told from when the artifact was made. */
const time: Kept = {
  pack: (value, iat) => {
    const since = Number(value) - iat
    return Number.isSafeInteger(value) && Number.isSafeInteger(since) ? since : undefined
  },
  unpack: (kept, iat) => (kept as number) + iat,
}

const UUID = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/

/** 22 characters for 36. */
const uuid: Kept = {
  pack: (value) => {
    const [, a, b, c, d, e] = (typeof value === 'string' && UUID.exec(value)) || []
    return e === undefined ? undefined : Buffer.from(`${a}${b}${c}${d}${e}`, 'hex').toString('base64url')
  },
  unpack: (kept) => {
    const hex = Buffer.from(kept as string, 'base64url').toString('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  },
}

/** By its number where it is one of these; another one as it is, if it is a text. */
function oneOf(...known: readonly string[]): Kept {
  return {
    pack: (value) => {
      if (typeof value !== 'string') return undefined
      const number = known.indexOf(value)
      return number < 0 ? value : number
    },
    unpack: (kept) => (typeof kept === 'number' ? numbered(known, kept) : kept),
  }
}

/** Lists of texts that are written as one. */
function oneOfLists(...known: readonly (readonly string[])[]): Kept {
  return {
    pack: (value) => {
      if (!Array.isArray(value)) return undefined
      const number = known.findIndex(
        (list) => list.length === value.length && list.every((text, at) => text === value[at]),
      )
      return number < 0 ? (value as Json) : number
    },
    unpack: (kept) => (typeof kept === 'number' ? [...numbered(known, kept)] : kept),
  }
}

function numbered<Value>(known: readonly Value[], number: number): Value {
  const value = known[number]
  if (value === undefined) throw new Error('a record with a number that this release does not know')
  return value
}

/** An object of the given fields. */
function fields(form: Readonly<Record<string, Kept>>): Kept {
  const own = { names: Object.keys(form), kept: Object.values(form) }
  return {
    pack: (value, iat) => (isPlain(value) ? packFields([], value, own, iat) : undefined),
    unpack: (packed, iat) => unpackFields(packed as readonly Json[], 0, own, iat),
  }
}

/** An object whose names are anything, and whose values are of one form. */
function each(form: Kept): Kept {
  const all = (value: object, turn: (one: never) => unknown) =>
    Object.fromEntries(Object.entries(value).map(([name, one]) => [name, turn(one as never)]))
  return {
    pack: (value, iat) => {
      if (!isPlain(value)) return undefined
      const packed = all(value, (one) => form.pack(one, iat))
      return Object.values(packed).includes(undefined) ? undefined : (packed as Json)
    },
    unpack: (packed, iat) => all(packed as object, (one) => form.unpack(one, iat)),
  }
}

const AMR = oneOfLists(['sc', 'hwk', 'pin', 'mfa', 'user'])
const ACR = oneOf('phrh', 'urn:sekisho:acr:revocation-unchecked')
const CERT_STATUS = fields({
  status: oneOf('good', 'unknown', 'unavailable'),
  method: oneOf('ocsp', 'crl', 'operator', 'none'),
  checked_at: asIs,
  source: oneOf('ocsp', 'crl'),
})
const GTY = oneOf('authorization_code', 'refresh_token', 'authorization_code refresh_token')

/** Of each model the letter that its text begins with, and its fields. */
const FORMS = {
  AccessToken: form('a', {
    kind: oneOf('AccessToken'),
    exp: time,
    accountId: uuid,
    grantId: asIs,
    gty: GTY,
    sessionUid: asIs,
    clientId: asIs,
    aud: asIs,
    scope: asIs,
    extra: fields({
      acr: ACR,
      amr: AMR,
      auth_time: time,
      cert_status: CERT_STATUS,
      credential_id: uuid,
      sign_outs: asIs,
    }),
  }),
  RefreshToken: form('r', {
    kind: oneOf('RefreshToken'),
    exp: time,
    accountId: uuid,
    acr: ACR,
    amr: AMR,
    authTime: time,
    grantId: asIs,
    gty: GTY,
    nonce: asIs,
    resource: asIs,
    rotations: asIs,
    scope: asIs,
    sessionUid: asIs,
    clientId: asIs,
    iiat: time,
  }),
  Session: form('s', {
    kind: oneOf('Session'),
    exp: time,
    uid: asIs,
    accountId: uuid,
    loginTs: time,
    amr: AMR,
    acr: ACR,
    authorizations: each(fields({ sid: asIs, grantId: asIs, persistsLogout: asIs })),
  }),
  Grant: form('g', {
    kind: oneOf('Grant'),
    exp: time,
    accountId: uuid,
    clientId: asIs,
    openid: fields({ scope: asIs, claims: asIs }),
    resources: asIs,
  }),
  Authentication: form('t', { credentialId: uuid, certStatus: CERT_STATUS, signOuts: asIs }),
} as const

interface Form {
  readonly letter: string
  readonly names: readonly string[]
  readonly kept: readonly Kept[]
}

function form(letter: string, kept: Readonly<Record<string, Kept>>): Form {
  return { letter, names: Object.keys(kept), kept: Object.values(kept) }
}

const BY_LETTER: ReadonlyMap<string, Form> = new Map(Object.values(FORMS).map((one) => [one.letter, one]))

/** @returns its text in the short form; of a model that has none, and of what is not even made at a time, as JSON */
export function shortTextOf(model: string, payload: ArtifactPayload): string {
  const found = (FORMS as Readonly<Record<string, Form>>)[model]
  const { iat = 0 } = payload
  if (found === undefined || !Number.isSafeInteger(iat) || payload['iat'] === 0) return JSON.stringify(payload)
  return found.letter + JSON.stringify(packFields([iat as number], payload, found, iat as number))
}

/** @param text of `shortTextOf`, or JSON */
export function payloadOf(text: string): ArtifactPayload {
  if (text.startsWith('{')) return JSON.parse(text) as ArtifactPayload
  const found = BY_LETTER.get(text.charAt(0))
  if (found === undefined) throw new Error('a record whose form this release does not know')
  const packed = JSON.parse(text.slice(1)) as readonly Json[]
  const iat = packed[0] as number
  return unpackFields(packed, 1, found, iat)
}

type Fields = Pick<Form, 'names' | 'kept'>

/** @param packed what comes before the fields. What has no place comes last, under its name */
function packFields(packed: Json[], value: Readonly<Record<string, unknown>>, own: Fields, iat: number): Json[] {
  const { names, kept } = own
  const before = packed.length
  let length = before
  let rest: [name: string, value: unknown][] | undefined
  let taken = before === 0 || value['iat'] === undefined ? 0 : 1
  for (let place = 0; place < names.length; place++) {
    const name = names[place] as string
    const one = value[name]
    const short = one === undefined ? undefined : (kept[place] as Kept).pack(one, iat)
    packed.push(short ?? null)
    if (one === undefined) continue
    taken++
    if (short === undefined) (rest ??= []).push([name, one])
    else length = packed.length
  }
  const all = Object.keys(value)
  if (all.length > taken) {
    for (const name of all) {
      const isKnown = names.includes(name) || (before > 0 && name === 'iat')
      if (!isKnown && value[name] !== undefined) (rest ??= []).push([name, value[name]])
    }
  }
  if (rest === undefined) packed.length = length
  else packed.push(Object.fromEntries(rest) as Json)
  return packed
}

function unpackFields(packed: readonly Json[], before: number, own: Fields, iat: number): Record<string, unknown> {
  const { names, kept } = own
  const value: Record<string, unknown> = before > 0 && iat !== 0 ? { iat } : {}
  for (let at = before; at < packed.length; at++) {
    const one = packed[at] as Json
    const name = names[at - before]
    if (name === undefined) Object.defineProperties(value, Object.getOwnPropertyDescriptors(one as object))
    else if (one !== null) value[name] = (kept[at - before] as Kept).unpack(one, iat)
  }
  return value
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
