import { z } from 'zod'
import { httpUrl } from '../setting-formats.ts'
import { setting } from '../setting.ts'

/** Who knows which card an unknown one replaces. */
export const LINKAGE_SETTINGS = {
  LINKAGE_SOURCE: setting({
    schema: z.enum(['none', 'operator'], 'must be none or operator'),
    summary:
      'Who is asked which certificate an unknown card replaces (docs/linkage-operator.md). With `none`, people who renewed their ' +
      'card come back by hand-over code or through an administrator.',
    format: '`none` or `operator`',
    fallback: 'none',
  }),
  LINKAGE_URL: setting({
    schema: httpUrl,
    summary: 'The linkage service of a certified platform operator; `/previous` or `/person` is appended.',
    format: 'http(s) address, `https://…/linkage`',
    unset: 'must be set for `operator`',
  }),
  LINKAGE_STYLE: setting({
    schema: z.enum(['previous', 'person'], 'must be previous or person'),
    summary:
      'What is asked: the certificate before (one question a step), or the operator’s name for the person (one question).',
    format: '`previous` or `person`',
    fallback: 'previous',
  }),
  LINKAGE_TOKEN_URL: setting({
    schema: httpUrl,
    summary: 'Token endpoint of the operator (OAuth client credentials). With `LINKAGE_CLIENT_ID` and `_SECRET`.',
    format: 'http(s) address',
    unset: 'no OAuth',
  }),
  LINKAGE_CLIENT_ID: setting({
    schema: z.string().min(1),
    summary: 'Our name at that token endpoint.',
    format: 'text',
    unset: '—',
  }),
  LINKAGE_CLIENT_SECRET: setting({
    schema: z.string().min(1),
    summary: 'Our secret at that token endpoint.',
    format: 'text',
    unset: '—',
    secret: true,
  }),
  LINKAGE_TLS_CERTIFICATE: setting({
    schema: z.string().includes('-----BEGIN CERTIFICATE-----', 'must be PEM'),
    summary: 'Our certificate for mutual TLS with the linkage service. With `LINKAGE_TLS_KEY`.',
    format: 'PEM; better in the file of `LINKAGE_TLS_CERTIFICATE_FILE`',
    unset: 'no mutual TLS',
    secret: true,
  }),
  LINKAGE_TLS_KEY: setting({
    schema: z.string().includes('PRIVATE KEY-----', 'must be PEM'),
    summary: 'The private key of it.',
    format: 'PEM; better in the file of `LINKAGE_TLS_KEY_FILE`',
    unset: '—',
    secret: true,
  }),
  UNKNOWN_CARDS: setting({
    schema: z.enum(['new', 'ask'], 'must be new or ask'),
    summary:
      'What an unknown card means where nobody can say whose it is: a new account at once, or the question whether the person ' +
      'renewed their card or is new here. So it is with `LINKAGE_SOURCE` `none`, and with `PHONE_POLICIES` under `LINKAGE_STYLE` ' +
      '`previous`, which relates no phone to a card (a phone is asked about there in any case).',
    format: '`new` or `ask`',
    fallback: 'ask',
  }),
} as const
