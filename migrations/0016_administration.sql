-- Up Migration

-- One role an account (src/administration/role.ts).
CREATE UNIQUE INDEX admins_one_role ON admins (account_id);

-- A link that makes an administrator of whoever taps their card first: 256 random bits, of which only the SHA-256 is kept. Used, or
-- taken back, the row goes.
CREATE TABLE admin_invitations (
  id uuid PRIMARY KEY,
  token_digest bytea NOT NULL UNIQUE CHECK (octet_length(token_digest) = 32),
  role text NOT NULL CHECK (role IN ('viewer', 'operator', 'linker', 'approver', 'owner')),
  -- good only while there is no owner
  is_first boolean NOT NULL,
  made_by text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);

-- Of the console. The cookie is 256 random bits; here is its SHA-256. A row is believed only as long as role, account and card stand.
CREATE TABLE admin_sessions (
  id_digest bytea PRIMARY KEY CHECK (octet_length(id_digest) = 32),
  account_id uuid NOT NULL REFERENCES accounts (id),
  credential_id uuid NOT NULL REFERENCES credentials (id) ON DELETE CASCADE,
  -- how often account and card were signed out by the time of the tap: more often since, and this ended too
  sign_outs integer NOT NULL,
  -- of the session at the provider: a log-out there is one here
  provider_session text,
  created_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX admin_sessions_by_account ON admin_sessions (account_id);

-- A dangerous act that waits for the tap of a card, and then for “carry out”. What was asked for is here, and nowhere in the browser.
CREATE TABLE admin_pending_acts (
  id uuid PRIMARY KEY,
  session_digest bytea NOT NULL REFERENCES admin_sessions (id_digest) ON DELETE CASCADE,
  route text NOT NULL,
  input jsonb NOT NULL,
  asked_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  tapped_at timestamptz,
  -- the card of that tap
  credential_id uuid REFERENCES credentials (id) ON DELETE CASCADE,
  CHECK ((tapped_at IS NULL) = (credential_id IS NULL))
);
CREATE INDEX admin_pending_acts_by_session ON admin_pending_acts (session_digest);

-- A browser on its way to the sign-in page and back. State, nonce and verifier are made of the secret in its cookie, of which the SHA-256
-- is here: a dump of this table finishes nobody's sign-in.
CREATE TABLE admin_sign_ins (
  secret_digest bytea PRIMARY KEY CHECK (octet_length(secret_digest) = 32),
  purpose text NOT NULL CHECK (purpose IN ('sign-in', 'invitation', 'act')),
  session_digest bytea REFERENCES admin_sessions (id_digest) ON DELETE CASCADE,
  act_id uuid REFERENCES admin_pending_acts (id) ON DELETE CASCADE,
  invitation_digest bytea,
  return_to text NOT NULL,
  started_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  CHECK ((purpose = 'act') = (act_id IS NOT NULL AND session_digest IS NOT NULL)),
  CHECK ((purpose = 'invitation') = (invitation_digest IS NOT NULL))
);

-- Which programs may use the admin API, and for what at most. A registration alone opens nothing there.
CREATE TABLE admin_api_clients (
  client_id text PRIMARY KEY REFERENCES clients (client_id),
  scopes text[] NOT NULL,
  added_by text NOT NULL,
  added_at timestamptz NOT NULL
);

-- What was answered to a request that may be sent again (Idempotency-Key). Sealed: an answer may hold a new secret.
CREATE TABLE admin_idempotency_keys (
  caller text NOT NULL,
  key text NOT NULL,
  request_digest bytea NOT NULL CHECK (octet_length(request_digest) = 32),
  sealed_answer bytea,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (caller, key)
);

-- Down Migration

DROP TABLE admin_idempotency_keys;
DROP TABLE admin_api_clients;
DROP TABLE admin_sign_ins;
DROP TABLE admin_pending_acts;
DROP TABLE admin_sessions;
DROP TABLE admin_invitations;
DROP INDEX admins_one_role;
