import type { z } from 'zod'
import type { Translate } from '../../../messages.ts'
import { FORM_FIELDS } from './form-fields.ts'

/** What is wrong, by the field of the form that must change; the empty name is for the form as a whole. */
export type FormFaults = Readonly<Record<string, readonly string[]>>

/** The sentences of the registration's rules (relying-party/), and the messages `admin.sites.faults.<key>` that say them to a person. */
export const FAULT_WORDS: readonly (readonly [RegExp, string])[] = [
  [/^must be an https: address$/, 'notHttps'],
  [/^must be https: \(http: only for localhost\)$/, 'httpElsewhere'],
  [/^must not contain a user name or password$/, 'userInfo'],
  [/^must not contain a fragment$/, 'fragment'],
  [/^must be written as (?<value>.+)$/, 'writtenOtherwise'],
  [/^must be https: \(a scheme of its own is for native applications\)$/, 'schemeOfItsOwn'],
  [/^must name an address to send people back to$/, 'noRedirect'],
  [/^must be set when the redirect URIs have several hosts/, 'severalHosts'],
  [/^refresh_token needs authorization_code$/, 'refreshAlone'],
  [/^is set together with jwks: choose one$/, 'keysTwice'],
  [/^cannot be kept by an application that runs at the person$/, 'secretAtPerson'],
  [/^must be set for client_secret_basic$/, 'secretMissing'],
  [/^must be set for private_key_jwt$/, 'keysMissing'],
  [/^must be set to sign request objects$/, 'keysForRequests'],
  [/^must be set \(or jwks\) for a resource server$/, 'proofForApi'],
  [/^must be set \(or jwks\) for client_credentials$/, 'proofForService'],
  [/^must name an API for client_credentials$/, 'noApi'],
  [/^describes a scope that this client does not have as an API$/, 'foreignScope'],
  [/^names an API twice$/, 'apiTwice'],
  [/^must be set for fapi2, which knows private_key_jwt only$/, 'fapiKeys'],
  [/^is not allowed in fapi2$/, 'fapiAlgorithm'],
  [/^must be one line of plain text$/, 'plainLine'],
  [/^must be visible ASCII characters$/, 'visibleAscii'],
  [/^must be an https: or http: address$/, 'notAddress'],
  [/^is a scope of the provider itself$/, 'reservedScope'],
  [/^must be EC, RSA or OKP$/, 'keyType'],
  [/^must be sig: nothing is encrypted$/, 'keyUse'],
  [/^is private: send the public key only$/, 'privateKey'],
  [/^is the API of another client$/, 'apiTaken'],
  [/^must say who answers for this client$/, 'required'],
  [/^must be at least 43 characters$/, 'tooShort'],
  [/^is drawn here, and shown once$/, 'secretDrawn'],
  [/^cannot be changed$/, 'unchangeable'],
  [/^is the id of another client$/, 'idTaken'],
  [/^stands on an earlier line too$/, 'lineTwice'],
  [/^must be a JSON object on one line$/, 'notJsonLine'],
  [/^is more than (?<value>\d+) clients$/, 'tooMany'],
]

/** Where zod speaks for itself. */
const FAULTS_OF_KINDS: Readonly<Partial<Record<string, string>>> = {
  invalid_type: 'required',
  too_small: 'required',
  too_big: 'tooLong',
  invalid_value: 'choice',
  invalid_format: 'format',
  unrecognized_keys: 'unknownField',
  invalid_key: 'format',
}

/** One sentence in the language of the page. What has no words of its own is shown as the rule says it. */
export function explainFault(fault: { readonly message: string; readonly code?: string }, t: Translate): string {
  for (const [pattern, key] of FAULT_WORDS) {
    const found = pattern.exec(fault.message)
    if (found !== null) return t(`admin.sites.faults.${key}`, { value: found.groups?.['value'] ?? '' })
  }
  const key = FAULTS_OF_KINDS[fault.code ?? '']
  return key === undefined ? fault.message : t(`admin.sites.faults.${key}`)
}

/** Faults of a registration, each at the field that asks for it; of a list with the number of its line. */
export function explainFaults({ issues }: z.ZodError, t: Translate): FormFaults {
  const faults: Record<string, string[]> = {}
  for (const issue of issues) {
    const { name, line } = placeOf(issue.path)
    const words = explainFault({ message: issue.message, code: issue.code }, t)
    const said = line === undefined ? words : t('admin.sites.faults.line', { line: String(line), fault: words })
    faults[name] = [...new Set([...(faults[name] ?? []), said])]
  }
  return faults
}

/** A secret is no field: how the client proves itself is. */
const ASKED_ELSEWHERE: Readonly<Record<string, string>> = { clientSecret: 'tokenEndpointAuthMethod' }

function placeOf(path: readonly PropertyKey[]): { readonly name: string; readonly line: number | undefined } {
  const words = path.map(String)
  for (let length = words.length; length > 0; length -= 1) {
    const name = words.slice(0, length).join('.')
    const asked = FORM_FIELDS.find((field) => field.name === (ASKED_ELSEWHERE[name] ?? name))
    if (asked === undefined) continue
    const index = path[length]
    return { name: asked.name, line: typeof index === 'number' ? index + 1 : undefined }
  }
  return { name: '', line: undefined }
}
