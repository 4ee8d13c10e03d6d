import type { IncomingMessage, ServerResponse } from 'node:http'
import { errors, type Client, type Interaction, type default as Provider } from 'oidc-provider'
import type { RevocationPolicy, RevocationVerdict } from '../certificate/judgement.ts'
import type { ErrorCode } from '../error-registry/registry.ts'
import { ERROR_REGISTRY } from '../error-registry/registry.ts'
import type { ConsentStore } from '../relying-party/consent/consent-store.ts'
import type { Consent } from '../relying-party/consent/consent.ts'
import { PUBLIC_SECTOR } from '../relying-party/sector.ts'
import { AUTHENTICATION_RESULT, certStatusOf, type Tap } from './authentications.ts'
import type { ResumeBinding } from './bind-resume.ts'
import { displayNameOf, revocationPolicyOf, sectorOf } from './client-policy.ts'
import { askedConsentOf } from './consent/consent-prompt.ts'
import { currentSession } from './current-session.ts'
import type { Standing } from './find-account.ts'
import type { LogoutOutbox } from './log-out.ts'
import { whyLost, type LostInteraction } from './lost-interaction.ts'
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
  /** Whether other sites know the person by the same subject. */
  readonly sharesSubject: boolean
  /** What the person is asked for the site; undefined: to tap their card. */
  readonly consent: PendingConsent | undefined
}

export interface PendingConsent {
  readonly accountId: string
  readonly asked: Consent
  /** What stands already: then `asked` is what is new. */
  readonly before: Consent
  /** What the site says of itself. */
  readonly policyUri: string | undefined
  readonly tosUri: string | undefined
}

export interface FinishedInteraction {
  readonly id: string
  readonly accountId: string
  readonly returnTo: string
}

export interface CardLogin {
  readonly accountId: string
  readonly credentialId: string
  /** How often it was signed out until its card was recognised, where that is known. */
  readonly signOuts?: number | undefined
  /** What was learned of the certificate's revocation, and how. */
  readonly revocation: RevocationVerdict
  readonly acr: string
  readonly amr: readonly string[]
}

/** What the sign-in pages may do with oidc-provider; nothing else of it is known in `web/`. */
export interface Interactions {
  /** The interaction whose signed cookie this browser sent, or undefined: no cookie, expired, or already finished. */
  find(req: IncomingMessage, res: ServerResponse): Promise<PendingInteraction | undefined>
  /** Why `find` found nothing under the id in the address. */
  whyLost(req: IncomingMessage, res: ServerResponse, interactionId: string): Promise<LostInteraction>
  /** Ends it with a log-in, for this browser alone. @returns where the browser goes from here */
  finish(req: IncomingMessage, res: ServerResponse, login: CardLogin): Promise<string>
  /** Of one that a tap has ended, and whose browser has not gone on yet: whose tap, and where it goes from here. */
  finished(req: IncomingMessage, res: ServerResponse): Promise<FinishedInteraction | undefined>
  /** Ends it with what was asked, which is written down before. @returns where the browser goes, or undefined: nobody is asked here */
  agree(req: IncomingMessage, res: ServerResponse): Promise<string | undefined>
  /** Ends it with an OAuth error of the registry. @returns where the browser goes from here */
  refuse(req: IncomingMessage, res: ServerResponse, code: ErrorCode): Promise<string>
}

export interface InteractionsDependencies {
  readonly provider: Provider
  readonly sessions: { destroySession(uid: string): Promise<void> }
  readonly logouts: LogoutOutbox
  readonly consents: Pick<ConsentStore, 'give'>
  readonly standing: Standing
  readonly resumeBinding: Pick<ResumeBinding, 'mark'>
  readonly now: () => Date
}

/** One sentence for every refusal: a site never learns whether an account exists (design.md §11). */
const NOT_SIGNED_IN = 'the person did not finish signing in'

/** As often nobody was signed out: an account or card that ended since it was looked up a moment ago. */
const NEVER = -1

export function createInteractions(deps: InteractionsDependencies): Interactions {
  const { provider, consents, standing, resumeBinding, now } = deps
  /** As `Provider#interactionResult` does, with the interaction that was read already. */
  const end = async (
    res: ServerResponse,
    interaction: Interaction,
    result: NonNullable<Interaction['result']>,
  ): Promise<string> => {
    interaction.result = result
    await interaction.save(interaction.exp - Math.floor(Date.now() / 1000))
    resumeBinding.mark(res, interaction.uid)
    return interaction.returnTo
  }

  const read = new WeakMap<IncomingMessage, Promise<Interaction>>()
  /** Read once a request. */
  const interactionOf = (req: IncomingMessage, res: ServerResponse): Promise<Interaction> => {
    const found = read.get(req) ?? provider.interactionDetails(req, res)
    read.set(req, found)
    return found
  }
  const detailsOf = (req: IncomingMessage, res: ServerResponse): Promise<Interaction | undefined> =>
    interactionOf(req, res).catch((fault: unknown) => {
      if (fault instanceof errors.SessionNotFound) return undefined
      throw fault
    })

  return {
    find: async (req, res) => {
      const details = await detailsOf(req, res)
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
        sharesSubject: sectorOf(client) === PUBLIC_SECTOR,
        consent: pendingConsentOf(details, client),
      }
    },

    whyLost: (req, res, interactionId) => whyLost(provider, req, res, interactionId),

    finish: async (req, res, login) => {
      const { accountId, credentialId, acr, amr, revocation } = login
      const interaction = await interactionOf(req, res)
      await endSessionOfOtherAccount(deps, interaction, accountId)
      const signOuts = login.signOuts ?? (await standing.signOutsOf(accountId, credentialId)) ?? NEVER
      const tap: Tap = { credentialId, certStatus: certStatusOf(revocation), signOuts }
      const result = {
        // the moment of the tap, also when the person is asked something else before they go on
        login: { accountId, acr, amr: [...amr], ts: Math.floor(now().getTime() / 1000) },
        [AUTHENTICATION_RESULT]: tap,
      }
      // whatever was agreed to before this tap may have been somebody else's word
      return end(res, interaction, result)
    },

    finished: async (req, res) => {
      const details = await detailsOf(req, res)
      const accountId = details?.result?.login?.accountId
      return details && accountId !== undefined ? { id: details.uid, accountId, returnTo: details.returnTo } : undefined
    },

    agree: async (req, res) => {
      const details = await detailsOf(req, res)
      const { client_id: clientId } = details?.params ?? {}
      const client = typeof clientId === 'string' ? await provider.Client.find(clientId) : undefined
      const pending = details && client && pendingConsentOf(details, client)
      if (details === undefined || client === undefined || pending === undefined) return undefined
      // the page may have been left open while somebody else's card was tapped in this browser
      const session = await currentSession(provider, req, res)
      if (session.uid !== details.session?.uid || session.accountId !== pending.accountId) return undefined
      await consents.give(pending.accountId, client.clientId, pending.asked)
      return end(res, details, { ...details.lastSubmission, consent: {} })
    },

    refuse: async (req, res, code) =>
      end(res, await interactionOf(req, res), {
        error: ERROR_REGISTRY[code].oauth,
        error_description: NOT_SIGNED_IN,
      }),
  }
}

function pendingConsentOf(details: Interaction, client: Client): PendingConsent | undefined {
  const accountId = details.session?.accountId
  const consent = details.prompt.name === 'consent' ? askedConsentOf(details.prompt.details) : undefined
  if (consent === undefined || accountId === undefined) return undefined
  const { policyUri, tosUri } = client
  return { accountId, ...consent, policyUri, tosUri }
}

/**
 * Another person's card in a browser that is still signed in: the old session ends with the grants it holds, and a new one
 * begins. (oidc-provider would do the same through a page that submits itself.)
 */
async function endSessionOfOtherAccount(
  { provider, sessions, logouts }: Pick<InteractionsDependencies, 'provider' | 'sessions' | 'logouts'>,
  interaction: Interaction,
  accountId: string,
): Promise<void> {
  const { session } = interaction
  if (session === undefined || session.accountId === accountId) return
  const old = await provider.Session.findByUid(session.uid)
  for (const [clientId, { grantId, sid }] of Object.entries(old?.authorizations ?? {})) {
    if (grantId !== undefined) await revokeGrant(provider, grantId)
    if (old?.accountId !== undefined) await logouts.put({ clientId, accountId: old.accountId, sessionId: sid })
  }
  await sessions.destroySession(session.uid)
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
