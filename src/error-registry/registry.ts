/**
 * Every way in which Sekisho refuses, in one table. docs/errors.md is generated from it, locales/*.json hold its messages
 * (`errors.<CODE>.title|message|action`), and a test holds the three together.
 *
 * A code is stable once released: never renamed, never given another meaning.
 */
export interface ErrorEntry {
  /** HTTP status of a page or API answer that carries the code. */
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 410 | 412 | 413 | 415 | 422 | 428 | 429 | 500 | 502 | 503 | 504
  /** `error` at the relying party (RFC 6749 §4.1.2.1), when the ceremony goes back there. */
  readonly oauth: 'access_denied' | 'temporarily_unavailable' | 'server_error' | 'invalid_request'
  /** Who can do something about it. */
  readonly fixedBy: 'person' | 'site' | 'operator' | 'developer'
  /** Whether the same person may simply try again, at once or a little later. */
  readonly retriable: boolean
}

const person = { status: 403, oauth: 'access_denied', fixedBy: 'person', retriable: false } as const
const personAgain = { ...person, retriable: true } as const
const malformed = { status: 400, oauth: 'access_denied', fixedBy: 'developer', retriable: true } as const
const admin = { status: 409, oauth: 'invalid_request', fixedBy: 'operator', retriable: false } as const
const site = { status: 400, oauth: 'invalid_request', fixedBy: 'site', retriable: false } as const
const source = { status: 503, oauth: 'temporarily_unavailable', fixedBy: 'operator', retriable: true } as const

export const ERROR_REGISTRY = {
  // the agent could not finish
  AGENT_CANCELLED: personAgain,
  AGENT_TIMED_OUT: personAgain,
  AGENT_FAILED: personAgain,
  READER_SERVICE_UNAVAILABLE: personAgain,
  READER_NOT_FOUND: personAgain,
  READER_REMOVED: personAgain,
  READER_BUSY: personAgain,
  CARD_NOT_FOUND: personAgain,
  CARD_REMOVED: personAgain,
  CARD_UNSUPPORTED: personAgain,
  CARD_NO_CERTIFICATE: person,
  CARD_PROTOCOL_ERROR: personAgain,
  CARD_TIMEOUT: personAgain,
  PIN_BLOCKED: person,

  // the certificate, in the order of the checks (design.md §7)
  CERT_TOO_LARGE: person,
  CERT_MALFORMED: person,
  CERT_IS_CA: person,
  CERT_UNTRUSTED_ISSUER: person,
  CERT_BAD_SIGNATURE: person,
  CERT_NOT_YET_VALID: person,
  CERT_EXPIRED: person,
  CERT_ISSUER_EXPIRED: { ...person, fixedBy: 'operator' },
  CERT_WRONG_KEY_USAGE: person,
  CERT_WRONG_EXTENDED_KEY_USAGE: person,
  CERT_WRONG_PURPOSE: person,
  CERT_WRONG_POLICY: person,
  CERT_WRONG_SUBJECT: person,
  CERT_UNKNOWN_CRITICAL_EXTENSION: person,
  CERT_WEAK_KEY: person,
  CERT_UNSUPPORTED_ALGORITHM: person,
  CERT_TRANSCRIPT_MISMATCH: person,
  CERT_REVOKED: person,
  CERT_IDENTITY_CONFLICT: { ...person, fixedBy: 'operator' },

  // where revocation is asked; every one refuses unless the site allows unchecked certificates
  REV_UNKNOWN: source,
  REV_UNAVAILABLE: source,
  REV_NOT_CONFIGURED: source,
  // … the source could not be asked
  REV_SOURCE_UNREACHABLE: source,
  REV_SOURCE_TIMED_OUT: source,
  REV_SOURCE_HTTP_ERROR: source,
  REV_SOURCE_TOO_LARGE: source,
  REV_SOURCE_NOT_ALLOWED: source,
  REV_SOURCE_PAUSED: source,
  // … its OCSP answer cannot be used (RFC 6960)
  REV_OCSP_MALFORMED: source,
  REV_OCSP_REQUEST_REJECTED: source,
  REV_OCSP_INTERNAL_ERROR: source,
  REV_OCSP_TRY_LATER: source,
  REV_OCSP_UNAUTHORIZED: source,
  REV_OCSP_SEVERAL_ANSWERS: source,
  REV_OCSP_WRONG_CERTIFICATE: source,
  REV_OCSP_WRONG_SIGNER: source,
  REV_OCSP_SIGNER_NOT_DELEGATED: source,
  REV_OCSP_SIGNER_NOT_VALID: source,
  REV_OCSP_BAD_SIGNATURE: source,
  REV_OCSP_WEAK_ALGORITHM: source,
  REV_OCSP_UNKNOWN_EXTENSION: source,
  REV_OCSP_STALE: source,
  REV_OCSP_FROM_THE_FUTURE: source,
  REV_OCSP_NONCE_ABSENT: source,
  REV_OCSP_NONCE_MISMATCH: source,
  // … its certificate revocation list cannot be used (RFC 5280 §6.3)
  REV_CRL_MISSING: source,
  REV_CRL_MALFORMED: source,
  REV_CRL_TOO_LARGE: source,
  REV_CRL_WRONG_ISSUER: source,
  REV_CRL_WRONG_SCOPE: source,
  REV_CRL_BAD_SIGNATURE: source,
  REV_CRL_WEAK_ALGORITHM: source,
  REV_CRL_UNKNOWN_EXTENSION: source,
  REV_CRL_EXPIRED: source,
  REV_CRL_FROM_THE_FUTURE: source,
  REV_CRL_ROLLED_BACK: source,
  REV_CRL_DELTA: source,
  // … a platform operator's answer cannot be used (docs/revocation-operator.md)
  REV_OPERATOR_MALFORMED: source,
  REV_OPERATOR_UNAUTHORIZED: source,
  REV_OPERATOR_WRONG_CERTIFICATE: source,
  REV_OPERATOR_STALE: source,
  REV_OPERATOR_FROM_THE_FUTURE: source,

  // the account behind the card
  LINK_CREDENTIAL_SUPERSEDED: person,
  LINK_CREDENTIAL_UNLINKED: person,
  LINK_ACCOUNT_SUSPENDED: person,
  LINK_ACCOUNT_CLOSED: person,
  // … asking who somebody was before (docs/linkage-operator.md)
  LINK_SERVICE_UNAVAILABLE: source,
  LINK_CHAIN_LOOP: { ...person, fixedBy: 'operator' },
  LINK_CHAIN_TOO_LONG: { ...person, fixedBy: 'operator' },
  // … and doing without
  LINK_HAND_OVER_CODE_MISTYPED: personAgain,
  LINK_HAND_OVER_CODE_INVALID: personAgain,
  // … and a site's own users (docs/relying-parties/linking.md)
  LINK_TICKET_NOT_FOUND: { ...person, status: 404 },
  LINK_TICKET_EXPIRED: { ...person, status: 410 },
  LINK_TICKET_USED: { ...person, status: 410 },
  LINK_TICKET_CANCELLED: { ...person, status: 410 },
  LINK_TICKET_OTHER_BROWSER: personAgain,
  LINK_CARD_TAKEN: { ...person, status: 409 },
  LINK_USER_TAKEN: { ...person, status: 409 },
  LINK_EXTERNAL_ACCOUNT_NOT_FOUND: { ...site, status: 404 },
  LINK_RETURN_URL_UNREGISTERED: { ...site, status: 422 },

  // the ceremony
  SIGNIN_TICKET_MALFORMED: malformed,
  SIGNIN_TICKET_NOT_FOUND: { ...malformed, status: 404 },
  SIGNIN_TICKET_CLAIMED: { ...malformed, status: 409 },
  SIGNIN_TICKET_EXPIRED: { ...malformed, status: 410 },
  SIGNIN_TICKET_USED: { ...malformed, status: 409 },
  SIGNIN_RESPONSE_MALFORMED: malformed,
  SIGNIN_RESPONSE_TOO_LARGE: { ...malformed, status: 413 },
  SIGNIN_RESPONSE_NOT_JSON: { ...malformed, status: 415 },
  SIGNIN_COMPLETION_INVALID: malformed,
  SIGNIN_OTHER_BROWSER: { ...malformed, status: 403 },
  SIGNIN_CHOICE_INVALID: malformed,
  SIGNIN_INTERACTION_NOT_FOUND: { ...malformed, status: 404 },
  SIGNIN_COOKIE_MISSING: personAgain,
  SIGNIN_COOKIE_UNREADABLE: { ...personAgain, fixedBy: 'operator' },
  SIGNIN_SIGNED_OUT_MEANWHILE: personAgain,
  SIGNIN_FORM_FORGED: { ...malformed, status: 403 },
  SIGNIN_FORM_TOO_LARGE: { ...malformed, status: 413 },
  SIGNIN_FORM_UNREADABLE: malformed,
  SIGNIN_CARD_USED_TOO_OFTEN: { status: 429, oauth: 'temporarily_unavailable', fixedBy: 'person', retriable: true },
  SIGNIN_RATE_LIMITED: { status: 429, oauth: 'temporarily_unavailable', fixedBy: 'person', retriable: true },

  // what an administrator asks for
  ADMIN_ACCOUNT_NOT_FOUND: { ...admin, status: 404 },
  ADMIN_CREDENTIAL_NOT_FOUND: { ...admin, status: 404 },
  ADMIN_OPERATION_NOT_FOUND: { ...admin, status: 404 },
  ADMIN_OPERATION_REFUSED: admin,
  // … at the console, and who may
  ADMIN_NOT_SIGNED_IN: { ...admin, status: 401, fixedBy: 'person', retriable: true },
  ADMIN_NO_ROLE: { ...admin, status: 403 },
  ADMIN_FORBIDDEN: { ...admin, status: 403 },
  ADMIN_SIGN_IN_FAILED: { ...admin, status: 400, fixedBy: 'person', retriable: true },
  ADMIN_TAP_OF_ANOTHER: { ...admin, status: 403, fixedBy: 'person', retriable: true },
  ADMIN_ACT_EXPIRED: { ...admin, status: 410, fixedBy: 'person', retriable: true },
  ADMIN_FORM_FORGED: { ...admin, status: 403, fixedBy: 'person', retriable: true },
  ADMIN_FORM_INVALID: { ...admin, status: 422, fixedBy: 'person', retriable: true },
  ADMIN_INVITATION_INVALID: { ...admin, status: 410 },
  ADMIN_ALREADY_ADMINISTRATOR: admin,
  ADMIN_NOT_ADMINISTRATOR: { ...admin, status: 404 },
  ADMIN_OWN_ROLE: admin,
  ADMIN_LAST_OWNER: admin,
  ADMIN_OWNER_EXISTS: admin,
  ADMIN_ACCOUNT_HAS_ROLE: admin,
  ADMIN_CHANGED_MEANWHILE: { ...admin, status: 412, fixedBy: 'person', retriable: true },
  // … by the admin API
  ADMIN_REQUEST_INVALID: { ...admin, status: 400, fixedBy: 'developer' },
  ADMIN_VERSION_MISSING: { ...admin, status: 428, fixedBy: 'developer' },
  ADMIN_KEY_REUSED: { ...admin, status: 422, fixedBy: 'developer' },
  ADMIN_KEY_IN_USE: { ...admin, fixedBy: 'developer', retriable: true },
  ADMIN_TAP_TOO_OLD: { ...admin, status: 401, fixedBy: 'person', retriable: true },
  // … about the sites and the audit log (src/web/admin)
  ADMIN_CLIENT_NOT_FOUND: { ...admin, status: 404 },
  ADMIN_CLIENT_EXISTS: admin,
  ADMIN_CLIENT_WITHOUT_SECRET: admin,
  ADMIN_CLIENT_SUBJECTS_WOULD_CHANGE: admin,
  ADMIN_CLIENT_BUILT_IN: admin,
  ADMIN_CLIENT_INVALID: { ...admin, status: 422 },
  ADMIN_EVENT_NOT_FOUND: { ...admin, status: 404 },
  // … of two administrators (src/administration/proposal)
  ADMIN_PROPOSAL_NOT_FOUND: { ...admin, status: 404 },
  ADMIN_PROPOSAL_CLOSED: admin,
  ADMIN_PROPOSER_GONE: admin,
  ADMIN_CANDIDATE_NOT_FOUND: { ...admin, status: 404 },
  ADMIN_OWN_PROPOSAL: { ...admin, status: 403 },
  ADMIN_NOT_OWN_PROPOSAL: { ...admin, status: 403 },
  ADMIN_OWN_ACCOUNT: { ...admin, status: 403 },
  ADMIN_OWNER_NEEDED: { ...admin, status: 403 },

  // everything else a page may have to say
  CLIENT_REQUEST_INVALID: site,
  // … to a program that uses the provider's own API (RFC 9457)
  CLIENT_TOKEN_MISSING: { ...site, status: 401 },
  CLIENT_TOKEN_INVALID: { ...site, status: 401 },
  CLIENT_SCOPE_MISSING: { ...site, status: 403 },
  CLIENT_NOT_FOUND: { ...site, status: 404 },
  CLIENT_BODY_NOT_JSON: { ...site, status: 415 },
  CLIENT_BODY_TOO_LARGE: { ...site, status: 413 },
  CLIENT_FIELDS_INVALID: { ...site, status: 422 },
  CLIENT_IDEMPOTENCY_MISMATCH: { ...site, status: 409 },
  SERVER_PAGE_NOT_FOUND: { status: 404, oauth: 'invalid_request', fixedBy: 'person', retriable: false },
  SERVER_METHOD_NOT_ALLOWED: { status: 405, oauth: 'invalid_request', fixedBy: 'developer', retriable: false },
  SERVER_STORAGE_UNAVAILABLE: source,
  // … its Redis may throw away what it was given to keep
  SERVER_REDIS_EVICTS: source,
  // … two servers of one database keep what is short-lived at two places
  SERVER_SHORT_LIVED_ELSEWHERE: source,
  // … between a release and its database, when a server starts or “sekisho migrate” runs
  SERVER_SCHEMA_OUTDATED: source,
  SERVER_SCHEMA_SKIPPED: { ...source, retriable: false },
  SERVER_SCHEMA_TOO_NEW: { ...source, retriable: false },
  SERVER_SCHEMA_MISMATCH: { ...source, retriable: false },
  SERVER_SCHEMA_IRREVERSIBLE: { ...source, retriable: false },
  // … a backup was restored, and “sekisho recover” not yet run
  SERVER_DATABASE_RESTORED: source,
  SERVER_FAILED: { status: 500, oauth: 'server_error', fixedBy: 'operator', retriable: true },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof ERROR_REGISTRY

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_REGISTRY, text)
}
