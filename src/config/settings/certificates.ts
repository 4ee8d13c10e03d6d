import { z } from 'zod'
import { flag, httpUrl, list, policy } from '../setting-formats.ts'
import { setting } from '../setting.ts'

/** Whose cards are accepted, and where revocation is asked. */
export const CERTIFICATE_SETTINGS = {
  TRUST_ANCHORS_DIR: setting({
    schema: z.string().min(1),
    summary: 'CA certificates whose cards are accepted.',
    format: 'path',
    unset: '`trust/jpki` of this installation',
  }),
  UNSAFE_TRUST_VIRTUAL_JPKI: setting({
    schema: flag,
    summary: 'Accept cards of the virtual JPKI: anyone can make one. Never where a real person signs in.',
    format: '`1` or `0`',
    fallback: '0',
  }),
  PHONE_POLICIES: setting({
    schema: list(policy),
    summary:
      'Certificate policies by which user-authentication certificates on phones are known. Theirs is not published: your operator ' +
      'names it. A phone joins the account of its person by `LINKAGE_STYLE=person`, else by hand-over code or through an administrator.',
    format: 'comma-separated object identifiers, `1.2.392.…`',
    unset: 'cards only',
  }),

  REVOCATION_SOURCES: setting({
    schema: list(z.enum(['ocsp', 'crl', 'operator', 'none'], 'must be ocsp, crl, operator or none')),
    summary:
      'Where revocation is asked, in this order; the next one only when the one before is unavailable. `none` stands alone: ' +
      'then only sites that allow unchecked certificates can be signed in to, and their tokens say so.',
    format: 'comma-separated: `ocsp`, `crl`, `operator`; or `none`',
    unset: 'must be set',
  }),
  OCSP_URL: setting({
    schema: httpUrl,
    summary: 'The OCSP responder. An address in a certificate is never followed.',
    format: 'http(s) address',
    unset: 'must be set for `ocsp`',
  }),
  OCSP_NONCE: setting({
    schema: z.enum(['required', 'optional', 'none'], 'must be required, optional or none'),
    summary:
      'Whether an OCSP answer must repeat our nonce. `none` for responders with pre-produced answers (RFC 5019).',
    format: '`required`, `optional` or `none`',
    fallback: 'required',
  }),
  CRL_PATH: setting({
    schema: z.string().min(1),
    summary: 'A CRL, or a directory of them.',
    format: 'path',
    unset: 'this or `CRL_URL` must be set for `crl`',
  }),
  CRL_URL: setting({
    schema: httpUrl,
    summary: 'Where the CRL is fetched. Not together with `CRL_PATH`.',
    format: 'http(s) address',
    unset: '—',
  }),
  OPERATOR_URL: setting({
    schema: httpUrl,
    summary: 'The service of a certified platform operator.',
    format: 'http(s) address',
    unset: 'must be set for `operator`',
  }),
  OPERATOR_TOKEN_URL: setting({
    schema: httpUrl,
    summary: 'Token endpoint of the operator (OAuth client credentials). With `OPERATOR_CLIENT_ID` and `_SECRET`.',
    format: 'http(s) address',
    unset: 'no OAuth',
  }),
  OPERATOR_CLIENT_ID: setting({
    schema: z.string().min(1),
    summary: 'Our name at the operator’s token endpoint.',
    format: 'text',
    unset: '—',
  }),
  OPERATOR_CLIENT_SECRET: setting({
    schema: z.string().min(1),
    summary: 'Our secret at the operator’s token endpoint.',
    format: 'text',
    unset: '—',
    secret: true,
  }),
  OPERATOR_TLS_CERTIFICATE: setting({
    schema: z.string().includes('-----BEGIN CERTIFICATE-----', 'must be PEM'),
    summary: 'Our certificate for mutual TLS with the operator. With `OPERATOR_TLS_KEY`.',
    format: 'PEM; better in the file of `OPERATOR_TLS_CERTIFICATE_FILE`',
    unset: 'no mutual TLS',
    secret: true,
  }),
  OPERATOR_TLS_KEY: setting({
    schema: z.string().includes('PRIVATE KEY-----', 'must be PEM'),
    summary: 'The private key of it.',
    format: 'PEM; better in the file of `OPERATOR_TLS_KEY_FILE`',
    unset: '—',
    secret: true,
  }),
} as const
