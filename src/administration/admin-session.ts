import type { Role } from './role.ts'

/** Without a request for so long, and whatever happens after the other. */
export const SESSION_IDLE_MS = 15 * 60_000
export const SESSION_LIFE_MS = 4 * 60 * 60_000
/** From “use my card” until the browser is back. */
export const SIGN_IN_MS = 10 * 60_000
/** From what was asked for to “carry out”, the tap in between. */
export const ACT_MS = 10 * 60_000
/** From the tap to “carry out”: who goes away from the screen taps again. */
export const TAP_GOOD_MS = 3 * 60_000

/** Who is signed in, read anew with every request. */
export interface AdminSession {
  readonly accountId: string
  readonly credentialId: string
  readonly role: Role
}

export interface NewAdminSession {
  readonly idDigest: Uint8Array
  readonly accountId: string
  readonly credentialId: string
  readonly signOuts: number
  /** `sid` of the ID token. */
  readonly providerSession: string | undefined
}

/** A dangerous act, as it was asked for. */
export interface PendingAct {
  readonly id: string
  /** `post /administrators/:accountId/remove` */
  readonly route: string
  readonly input: { readonly params: Readonly<Record<string, string>>; readonly form: unknown }
  readonly askedAt: Date
  readonly tappedAt: Date | undefined
  /** The card of that tap. */
  readonly credentialId: string | undefined
}

/** What a browser went to the sign-in page for. */
export type SignInPurpose =
  | { readonly kind: 'sign-in' }
  | { readonly kind: 'invitation'; readonly invitationDigest: Uint8Array }
  | { readonly kind: 'act'; readonly actId: string; readonly sessionDigest: Uint8Array }

export interface BegunSignIn {
  readonly purpose: SignInPurpose
  readonly returnTo: string
  readonly startedAt: Date
}

/** Port: what the console remembers of browsers. */
export interface AdminSessionStore {
  begin(session: NewAdminSession, at: Date): Promise<void>
  /** One statement: the session, its role, its account and its card stand, now. Marks it as seen. */
  find(idDigest: Uint8Array, at: Date): Promise<AdminSession | undefined>
  end(idDigest: Uint8Array): Promise<void>
  /** After a log-out at the provider. @param providerSession undefined: all of the account */
  endOf(accountId: string, providerSession: string | undefined): Promise<void>

  beginSignIn(secretDigest: Uint8Array, signIn: BegunSignIn & { readonly expiresAt: Date }): Promise<void>
  /** Once. */
  takeSignIn(secretDigest: Uint8Array, at: Date): Promise<BegunSignIn | undefined>

  askAct(sessionDigest: Uint8Array, act: Pick<PendingAct, 'id' | 'route' | 'input' | 'askedAt'>): Promise<void>
  /** Of this session, while it waits. */
  findAct(sessionDigest: Uint8Array, actId: string, at: Date): Promise<PendingAct | undefined>
  /** @returns false when it does not wait any more, or was tapped for already */
  tapAct(
    sessionDigest: Uint8Array,
    actId: string,
    tap: { readonly at: Date; readonly accountId: string; readonly credentialId: string },
  ): Promise<boolean>
  /** Once, and only one that was tapped for a moment ago. */
  takeAct(sessionDigest: Uint8Array, actId: string, at: Date): Promise<PendingAct | undefined>

  deleteExpired(at: Date, limit: number): Promise<number>
}
