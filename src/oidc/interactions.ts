import type { IncomingMessage, ServerResponse } from 'node:http'
import { errors, type default as Provider } from 'oidc-provider'
import type { RevocationPolicy, RevocationVerdict } from '../certificate/judgement.ts'
import type { ErrorCode } from '../error-registry/registry.ts'
import { ERROR_REGISTRY } from '../error-registry/registry.ts'
import { AUTHENTICATION_RESULT, certStatusOf, type Authentication } from './authentications.ts'
import type { ResumeBinding } from './bind-resume.ts'
import { displayNameOf, revocationPolicyOf } from './client-policy.ts'
import type { LogoutOutbox } from './log-out.ts'
import { requiresCheckedCertificate } from './required-acr.ts'

/** One authorization request that waits for a person, as its pages need it. */
export interface PendingInteraction {
  readonly id: string
  readonly clientId: string
  readonly clientName: (locale: 'ja' | 'en') => string
  /** Origin of the redirect URI: what the person and the agent see of the site. */
  readonly clientOrigin: string
  readonly revocationPolicy: RevocationPolicy
  readonly uiLocales: string | undefined
}

export interface CardLogin {
  readonly accountId: string
  readonly credentialId: string
  /** What was learned of the certificate's revocation, and how. */
  readonly revocation: RevocationVerdict
  readonly acr: string
  readonly amr: readonly string[]
}

/** What the sign-in pages may do with oidc-provider; nothing else of it is known in `web/`. */
export interface Interactions {
  /** The interaction whose signed cookie this browser sent, or undefined: no cookie, expired, or already finished. */
  find(req: IncomingMessage, res: ServerResponse): Promise<PendingInteraction | undefined>
  /** Ends it with a log-in, for this browser alone. @returns where the browser goes from here */
  finish(req: IncomingMessage, res: ServerResponse, login: CardLogin): Promise<string>
  /** Ends it with an OAuth error of the registry. @returns where the browser goes from here */
  refuse(req: IncomingMessage, res: ServerResponse, code: ErrorCode): Promise<string>
}

export interface InteractionsDependencies {
  readonly provider: Provider
  readonly sessions: { destroyByUid(uid: string): Promise<void> }
  readonly logouts: LogoutOutbox
  readonly resumeBinding: Pick<ResumeBinding, 'mark'>
  readonly now: () => Date
}

export function createInteractions(deps: InteractionsDependencies): Interactions {
  const { provider, resumeBinding, now } = deps
  const end = async (
    req: IncomingMessage,
    res: ServerResponse,
    ...result: Parameters<Provider['interactionResult']> extends [unknown, unknown, ...infer Rest] ? Rest : never
  ): Promise<string> => {
    const { uid } = await provider.interactionDetails(req, res)
    const address = await provider.interactionResult(req, res, ...result)
    resumeBinding.mark(res, uid)
    return address
  }

  return {
    find: async (req, res) => {
      const details = await provider.interactionDetails(req, res).catch((fault: unknown) => {
        if (fault instanceof errors.SessionNotFound) return undefined
        throw fault
      })
      if (details === undefined) return undefined
      const { client_id: clientId, redirect_uri: redirectUri, ui_locales: uiLocales } = details.params
      const client = typeof clientId === 'string' ? await provider.Client.find(clientId) : undefined
      if (client === undefined || typeof redirectUri !== 'string') return undefined
      return {
        id: details.uid,
        clientId: client.clientId,
        clientName: (locale) => displayNameOf(client, locale),
        clientOrigin: originOf(redirectUri),
        revocationPolicy: requiresCheckedCertificate(details.params) ? 'require-good' : revocationPolicyOf(client),
        uiLocales: typeof uiLocales === 'string' ? uiLocales : undefined,
      }
    },

    finish: async (req, res, { accountId, credentialId, acr, amr, revocation }) => {
      await endSessionOfOtherAccount(deps, req, res, accountId)
      const authentication: Authentication = { credentialId, certStatus: certStatusOf(revocation) }
      return end(req, res, {
        // the moment of the tap, also when the person is asked something else before they go on
        login: { accountId, acr, amr: [...amr], ts: Math.floor(now().getTime() / 1000) },
        [AUTHENTICATION_RESULT]: authentication,
      })
    },

    refuse: (req, res, code) =>
      end(
        req,
        res,
        // one sentence for every refusal: a site never learns whether an account exists (design.md §11)
        { error: ERROR_REGISTRY[code].oauth, error_description: 'the person did not sign in with a card' },
        { mergeWithLastSubmission: false },
      ),
  }
}

/**
 * Another person's card in a browser that is still signed in: the old session ends with the grants it holds, and a new one
 * begins. (oidc-provider would do the same through a page that submits itself.)
 */
async function endSessionOfOtherAccount(
  { provider, sessions, logouts }: Pick<InteractionsDependencies, 'provider' | 'sessions' | 'logouts'>,
  req: IncomingMessage,
  res: ServerResponse,
  accountId: string,
): Promise<void> {
  const interaction = await provider.interactionDetails(req, res)
  const { session } = interaction
  if (session === undefined || session.accountId === accountId) return
  const old = await provider.Session.findByUid(session.uid)
  for (const [clientId, { grantId, sid }] of Object.entries(old?.authorizations ?? {})) {
    if (grantId !== undefined) await revokeGrant(provider, grantId)
    if (old?.accountId !== undefined) await logouts.put({ clientId, accountId: old.accountId, sessionId: sid })
  }
  await sessions.destroyByUid(session.uid)
  delete interaction.session
  await interaction.save(interaction.exp - Math.floor(Date.now() / 1000))
}

async function revokeGrant(provider: Provider, grantId: string): Promise<void> {
  await Promise.all(
    [provider.AccessToken, provider.RefreshToken, provider.AuthorizationCode].map((model) =>
      model.revokeByGrantId(grantId),
    ),
  )
  const grant = await provider.Grant.find(grantId)
  await grant?.destroy()
}

function originOf(redirectUri: string): string {
  const { origin, protocol, host } = new URL(redirectUri)
  return origin === 'null' ? `${protocol}//${host}` : origin
}
