import { IndexedDbDPoPStore, UserManager, type User } from 'oidc-client-ts'

const issuer = import.meta.env.VITE_ISSUER
const clientId = import.meta.env.VITE_CLIENT_ID

const manager = new UserManager({
  authority: issuer,
  client_id: clientId,
  redirect_uri: `${location.origin}/callback`,
  post_logout_redirect_uri: `${location.origin}/`,
  scope: 'openid',
  // tokens are of use only with a key that this browser made and cannot give away (RFC 9449)
  dpop: { bind_authorization_code: true, store: new IndexedDbDPoPStore() },
  revokeTokensOnSignout: true,
  // renewing in a hidden frame does not work here, nor in browsers without third-party cookies
  automaticSilentRenew: false,
  // the library would throw `acr` and `auth_time` away
  filterProtocolClaims: ['nonce', 'at_hash'],
})

/** The library compares state, nonce and PKCE; the rest is left to you. */
async function finishSignIn(response: URL): Promise<User> {
  if (response.searchParams.get('iss') !== issuer) throw new Error('a response of somebody else')
  const user = await manager.signinCallback(response.href)
  const { iss, aud, acr } = user?.profile ?? {}
  // the last one is yours to decide: take a certificate that nobody could check?
  if (user !== undefined && iss === issuer && aud === clientId && acr === 'phrh') return user
  await manager.removeUser()
  throw new Error('not signed in')
}

async function start(): Promise<User | null> {
  if (location.pathname !== '/callback') return manager.getUser()
  const response = new URL(location.href)
  // the code is of no more use, and belongs into no history
  history.replaceState(null, '', '/')
  return finishSignIn(response)
}

function show(words: string, user: User | null): void {
  const [status, signIn, signOut] = ['status', 'sign-in', 'sign-out'].map((id) => document.getElementById(id))
  if (!status || !signIn || !signOut) throw new Error('another page')
  status.textContent = words
  signIn.hidden = user !== null
  signOut.hidden = user === null
  signIn.onclick = () => void manager.signinRedirect({ nonce: crypto.randomUUID() })
  signOut.onclick = () => void manager.signoutRedirect()
}

start().then(
  (user) => {
    show(user === null ? '' : `${user.profile.iss} ${user.profile.sub}`, user)
  },
  (fault: unknown) => {
    show(fault instanceof Error ? fault.message : String(fault), null)
  },
)
