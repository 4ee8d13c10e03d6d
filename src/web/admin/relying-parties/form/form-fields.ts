import { CLIENT_ALGORITHMS, PROVIDER_ALGORITHMS } from '../../../../relying-party/algorithms.ts'
import type { SiteKind } from './site-kind.ts'

/** How a field is asked for, and what its text means (read-form.ts). */
export type FieldInput =
  'line' | 'lines' | 'choice' | 'tick' | 'number' | 'json' | 'grant' | 'resources' | 'descriptions'

export interface FormField {
  /** Of the registration, dotted; also the name of the input. Words: `admin.sites.fields.<name with _>`. */
  readonly name: string
  readonly input: FieldInput
  readonly kinds: readonly SiteKind[]
  /** The values of a choice, the default first. */
  readonly options?: readonly string[]
  readonly required?: true
  /** Rules of addresses that the browser knows as well (public/admin/redirect-uri-fault.js). */
  readonly address?: 'redirect' | 'server'
}

export interface FormSection {
  /** Words: `admin.sites.sections.<name>`. */
  readonly name: string
  readonly fields: readonly FormField[]
}

const EVERY = ['server', 'spa', 'native', 'service', 'api'] as const
const WITH_PEOPLE = ['server', 'spa', 'native'] as const
const WITH_PROOF = ['server', 'service', 'api'] as const
const field = (
  name: string,
  input: FieldInput,
  kinds: readonly SiteKind[],
  more: Partial<FormField> = {},
): FormField => ({ name, input, kinds, ...more })

/** Every question of the form, in its order. What is not for a kind is asked only where it is set already. */
export const FORM_SECTIONS: readonly FormSection[] = [
  {
    name: 'who',
    fields: [
      field('displayName.ja', 'line', EVERY, { required: true }),
      field('displayName.en', 'line', EVERY, { required: true }),
      field('owner', 'line', EVERY, { required: true }),
      field('firstParty', 'tick', WITH_PEOPLE),
      field('policyUri', 'line', WITH_PEOPLE, { address: 'server' }),
      field('tosUri', 'line', WITH_PEOPLE, { address: 'server' }),
      field('logoUri', 'line', [], { address: 'server' }),
    ],
  },
  {
    name: 'addresses',
    fields: [
      field('redirectUris', 'lines', WITH_PEOPLE, { required: true, address: 'redirect' }),
      field('postLogoutRedirectUris', 'lines', WITH_PEOPLE, { address: 'redirect' }),
      field('linkReturnUris', 'lines', ['server'], { address: 'redirect' }),
      field('initiateLoginUri', 'line', ['server', 'spa'], { address: 'server' }),
      field('backchannelLogoutUri', 'line', ['server'], { address: 'server' }),
    ],
  },
  {
    name: 'proof',
    fields: [
      field('tokenEndpointAuthMethod', 'choice', WITH_PROOF, {
        options: ['client_secret_basic', 'private_key_jwt', 'none'],
      }),
      field('jwksUri', 'line', WITH_PROOF, { address: 'server' }),
      field('jwks', 'json', WITH_PROOF),
      field('clientAssertionAlgorithm', 'choice', WITH_PROOF, { options: CLIENT_ALGORITHMS }),
    ],
  },
  {
    name: 'api',
    fields: [
      field('resourceServer.resource', 'line', ['api'], { required: true }),
      field('resourceServer.scopes', 'lines', ['api'], { required: true }),
      field('scopeDescriptions', 'descriptions', ['api']),
      field('resourceServer.accessTokenFormat', 'choice', ['api'], { options: ['opaque', 'jwt'] }),
      field('resourceServer.accessTokenSeconds', 'number', ['api']),
      field('resourceServer.signingAlgorithm', 'choice', ['api'], { options: PROVIDER_ALGORITHMS }),
    ],
  },
  {
    name: 'calls',
    fields: [
      field('resources', 'resources', ['server', 'spa', 'native', 'service']),
      field('grantTypes.refresh_token', 'grant', WITH_PEOPLE),
      field('grantTypes.client_credentials', 'grant', ['server']),
    ],
  },
  {
    name: 'people',
    fields: [
      field('subjectType', 'choice', WITH_PEOPLE, { options: ['pairwise', 'public'] }),
      field('sectorIdentifierUri', 'line', WITH_PEOPLE, { address: 'server' }),
      field('revocationPolicy', 'choice', WITH_PEOPLE, { options: ['require-good', 'allow-unchecked'] }),
      field('defaultMaxAge', 'number', WITH_PEOPLE),
    ],
  },
  {
    name: 'strictness',
    fields: [
      field('profile', 'choice', ['server'], { options: ['openid', 'fapi2'] }),
      field('requirePushedAuthorizationRequests', 'tick', WITH_PEOPLE),
      field('requireDpop', 'tick', WITH_PEOPLE),
      field('requireSignedRequestObject', 'tick', ['server']),
      field('requestObjectAlgorithm', 'choice', ['server'], { options: ['', ...CLIENT_ALGORITHMS] }),
      field('idTokenAlgorithm', 'choice', WITH_PEOPLE, { options: PROVIDER_ALGORITHMS }),
      field('authorizationResponseAlgorithm', 'choice', ['server'], { options: PROVIDER_ALGORITHMS }),
    ],
  },
]

export const FORM_FIELDS = FORM_SECTIONS.flatMap(({ fields }) => fields)
