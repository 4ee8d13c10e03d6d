import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { UnverifiedFields } from '../../relying-party/client-administration.ts'
import { CommandRefused, EX_DATAERR, EX_NOINPUT } from '../command-refused.ts'

/** The fields that are written often, each as an option. `--set` and `--file` reach all of them. */
const OPTIONS: readonly { flags: string; field: string; kind: 'text' | 'list' | 'number' | 'yes'; says: string }[] = [
  { flags: '--name-ja <name>', field: 'displayName.ja', kind: 'text', says: 'the name that people see, in Japanese' },
  { flags: '--name-en <name>', field: 'displayName.en', kind: 'text', says: 'the name that people see, in English' },
  { flags: '--owner <who>', field: 'owner', kind: 'text', says: 'who answers for it; people and sites never see it' },
  {
    flags: '--first-party',
    field: 'firstParty',
    kind: 'yes',
    says: 'your own: people are not asked for their consent',
  },
  { flags: '--redirect-uri <uri...>', field: 'redirectUris', kind: 'list', says: 'where people are sent back to' },
  {
    flags: '--post-logout-redirect-uri <uri...>',
    field: 'postLogoutRedirectUris',
    kind: 'list',
    says: 'and after log-out',
  },
  {
    flags: '--link-return-uri <uri...>',
    field: 'linkReturnUris',
    kind: 'list',
    says: 'and after an account was linked',
  },
  {
    flags: '--backchannel-logout-uri <uri>',
    field: 'backchannelLogoutUri',
    kind: 'text',
    says: 'told of every log-out',
  },
  { flags: '--application-type <type>', field: 'applicationType', kind: 'text', says: 'web, spa or native' },
  {
    flags: '--auth-method <method>',
    field: 'tokenEndpointAuthMethod',
    kind: 'text',
    says: 'client_secret_basic, private_key_jwt or none',
  },
  { flags: '--jwks-uri <uri>', field: 'jwksUri', kind: 'text', says: 'where its public keys are' },
  {
    flags: '--grant-type <type...>',
    field: 'grantTypes',
    kind: 'list',
    says: 'authorization_code, refresh_token, client_credentials',
  },
  { flags: '--logo-uri <uri>', field: 'logoUri', kind: 'text', says: 'its logo' },
  { flags: '--policy-uri <uri>', field: 'policyUri', kind: 'text', says: 'its privacy policy' },
  { flags: '--tos-uri <uri>', field: 'tosUri', kind: 'text', says: 'its terms of service' },
  { flags: '--subject-type <type>', field: 'subjectType', kind: 'text', says: 'pairwise or public' },
  {
    flags: '--sector-identifier-uri <uri>',
    field: 'sectorIdentifierUri',
    kind: 'text',
    says: 'lets several hosts share one sector',
  },
  {
    flags: '--revocation-policy <policy>',
    field: 'revocationPolicy',
    kind: 'text',
    says: 'require-good or allow-unchecked',
  },
  {
    flags: '--id-token-algorithm <alg>',
    field: 'idTokenAlgorithm',
    kind: 'text',
    says: 'ES256, RS256, PS256 or EdDSA',
  },
  {
    flags: '--default-max-age <seconds>',
    field: 'defaultMaxAge',
    kind: 'number',
    says: 'older taps of the card do not count',
  },
  { flags: '--profile <profile>', field: 'profile', kind: 'text', says: 'openid or fapi2' },
]

/** Adds them to a command. */
export function addRegistrationOptions(command: Command): Command {
  for (const { flags, kind, says } of OPTIONS) {
    const option = new Option(flags, says)
    command.addOption(kind === 'number' ? option.argParser(parseWholeNumber) : option)
  }
  return command
    .option('--set <field=json...>', 'any field of a registration, its value as JSON; null takes it away', collect, [])
    .option('--file <path>', 'a registration as JSON, “-” for standard input; options win over it')
}

/** @returns the fields that were written, not yet verified: file, then `--set`, then options */
export async function readRegistrationOptions(options: Readonly<Record<string, unknown>>): Promise<UnverifiedFields> {
  const { file, set } = options
  const fields: Record<string, unknown> = {
    ...(typeof file === 'string' ? await readJsonFile(file) : {}),
    ...Object.fromEntries((set as readonly string[]).map(parseAssignment)),
  }
  for (const { flags, field } of OPTIONS) {
    const value = options[new Option(flags).attributeName()]
    const [name = '', part] = field.split('.')
    if (value === undefined) continue
    fields[name] = part === undefined ? value : { ...(fields[name] as object | undefined), [part]: value }
  }
  return fields
}

async function readJsonFile(path: string): Promise<Record<string, unknown>> {
  const content = await (path === '-' ? text(process.stdin) : readFile(path, 'utf8')).catch((fault: unknown) => {
    throw new CommandRefused(
      EX_NOINPUT,
      `${path} cannot be read (${(fault as NodeJS.ErrnoException).code ?? 'unknown'})`,
    )
  })
  const parsed = parseJson(content)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new CommandRefused(EX_DATAERR, `${path} is not a JSON object`)
  }
  return parsed as Record<string, unknown>
}

function parseAssignment(assignment: string): [string, unknown] {
  const at = assignment.indexOf('=')
  const value = parseJson(assignment.slice(at + 1))
  if (at < 1 || value === undefined)
    throw new CommandRefused(EX_DATAERR, '--set takes field=json, as in --set owner=\'"Sales"\'')
  return [assignment.slice(0, at), value]
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return undefined
  }
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}

function parseWholeNumber(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('must be a whole number')
  return Number(value)
}
