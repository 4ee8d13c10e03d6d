-- Up Migration

-- ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────
-- An account is a person. Nothing here names them: what a site sees is in `subjects`, what a card shows is a keyed digest.

CREATE TABLE accounts (
  id uuid PRIMARY KEY,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'closed', 'merged')),
  merged_into uuid REFERENCES accounts (id),
  created_at timestamptz NOT NULL,
  CHECK ((status = 'merged') = (merged_into IS NOT NULL)),
  CHECK (merged_into IS DISTINCT FROM id)
);

-- handle = HMAC-SHA-256(pepper, issuer name DER ‖ serial number). Unique: it decides every race of first log-ins.
-- issuer_key_id and public_key_digest are empty for a predecessor that is known only from the linkage service.
CREATE TABLE credentials (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts (id),
  kind text NOT NULL CHECK (kind IN ('card-auth', 'card-sign', 'phone-auth')),
  handle bytea NOT NULL UNIQUE CHECK (octet_length(handle) = 32),
  pepper_version integer NOT NULL CHECK (pepper_version > 0),
  issuer_key_id bytea,
  public_key_digest bytea CHECK (octet_length(public_key_digest) = 32),
  not_after timestamptz,
  status text NOT NULL CHECK (status IN ('current', 'superseded', 'revoked', 'unlinked')),
  first_seen_at timestamptz NOT NULL,
  last_used_at timestamptz,
  CHECK ((issuer_key_id IS NULL) = (public_key_digest IS NULL))
);
CREATE INDEX credentials_by_account ON credentials (account_id);
CREATE INDEX credentials_by_pepper_version ON credentials (pepper_version);

-- The migration chain. Append-only: an undone link keeps its row.
CREATE TABLE credential_links (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  newer_id uuid NOT NULL REFERENCES credentials (id),
  older_id uuid NOT NULL REFERENCES credentials (id),
  relation text NOT NULL CHECK (relation IN ('renewed_by', 'reissued_as', 'linked_by_admin', 'hand_over')),
  evidence jsonb NOT NULL DEFAULT '{}',
  actor text NOT NULL,
  at timestamptz NOT NULL,
  undone_at timestamptz,
  CHECK (newer_id <> older_id)
);
CREATE UNIQUE INDEX credential_links_standing ON credential_links (newer_id, older_id) WHERE undone_at IS NULL;
CREATE INDEX credential_links_by_older ON credential_links (older_id);

-- What sites call a person: random, stored, never derived from the card and never given to anyone else.
CREATE TABLE subjects (
  account_id uuid NOT NULL REFERENCES accounts (id),
  sector text NOT NULL,
  sub text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, sector)
);

-- ── sites ───────────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE clients (
  client_id text PRIMARY KEY,
  registration jsonb NOT NULL,
  -- AES-256-GCM (src/sealing): client_secret_basic compares the secret itself
  sealed_secret bytea,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  disabled_at timestamptz
);

CREATE TABLE external_accounts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  client_id text NOT NULL REFERENCES clients (client_id),
  external_id text NOT NULL,
  account_id uuid NOT NULL REFERENCES accounts (id),
  linked_at timestamptz NOT NULL,
  unlinked_at timestamptz
);
-- one of its users is one person, and one person is one of its users
CREATE UNIQUE INDEX external_accounts_standing ON external_accounts (client_id, external_id) WHERE unlinked_at IS NULL;
CREATE UNIQUE INDEX external_accounts_by_account ON external_accounts (account_id, client_id) WHERE unlinked_at IS NULL;

-- ── administration ──────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE admins (
  account_id uuid NOT NULL REFERENCES accounts (id),
  role text NOT NULL CHECK (role IN ('viewer', 'operator', 'linker', 'approver', 'owner')),
  granted_by uuid REFERENCES accounts (id),
  at timestamptz NOT NULL,
  PRIMARY KEY (account_id, role)
);

CREATE TABLE link_proposals (
  id uuid PRIMARY KEY,
  act text NOT NULL CHECK (act IN ('link', 'unlink', 'merge', 'split', 'suspend', 'reopen', 'close')),
  details jsonb NOT NULL,
  reason text NOT NULL CHECK (reason <> ''),
  proposed_by uuid NOT NULL REFERENCES accounts (id),
  proposed_at timestamptz NOT NULL,
  approved_by uuid REFERENCES accounts (id),
  approved_at timestamptz,
  executed_at timestamptz,
  undone_at timestamptz,
  CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
  -- two pairs of eyes (design.md §9)
  CHECK (approved_by IS DISTINCT FROM proposed_by)
);

-- ── the provider's own keys ─────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE signing_keys (
  kid text PRIMARY KEY,
  algorithm text NOT NULL,
  public_jwk jsonb NOT NULL,
  -- AES-256-GCM (src/sealing), bound to the kid
  sealed_private_jwk bytea NOT NULL,
  state text NOT NULL CHECK (state IN ('published', 'active', 'retired')),
  published_at timestamptz NOT NULL,
  activated_at timestamptz,
  retired_at timestamptz,
  CHECK ((state = 'published') = (activated_at IS NULL)),
  CHECK ((state = 'retired') = (retired_at IS NOT NULL))
);
-- one key signs; the others are there to verify
CREATE UNIQUE INDEX signing_keys_active ON signing_keys (algorithm) WHERE state = 'active';

-- ── the audit log ───────────────────────────────────────────────────────────────────────────────────────────────────
-- No foreign keys: a record stands for itself and must never fail because of something else.

CREATE TABLE audit_events (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  type text NOT NULL,
  actor text NOT NULL,
  account_id uuid,
  credential_id uuid,
  client_id text,
  details jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_events_by_account ON audit_events (account_id, sequence) WHERE account_id IS NOT NULL;
CREATE INDEX audit_events_by_type ON audit_events (type, sequence);

CREATE TABLE audit_seals (
  number bigint PRIMARY KEY CHECK (number > 0),
  first_sequence bigint NOT NULL,
  last_sequence bigint NOT NULL,
  merkle_root bytea NOT NULL CHECK (octet_length(merkle_root) = 32),
  previous_seal bytea CHECK (octet_length(previous_seal) = 32),
  kid text NOT NULL,
  signature bytea NOT NULL,
  sealed_at timestamptz NOT NULL,
  CHECK (first_sequence <= last_sequence),
  CHECK ((number = 1) = (previous_seal IS NULL))
);

CREATE FUNCTION refuse_change_of_audit_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only: % on %', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON audit_events
  FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit_log();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_log();
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON audit_seals
  FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit_log();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON audit_seals
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_log();

-- ── what is short-lived ─────────────────────────────────────────────────────────────────────────────────────────────

-- States and arrows: src/sign-in/ticket-states.ts. Ids and codes are stored as SHA-256, the evidence sealed.
CREATE TABLE sign_in_tickets (
  id_digest bytea PRIMARY KEY CHECK (octet_length(id_digest) = 32),
  state text NOT NULL CHECK (state IN ('issued', 'claimed', 'answered', 'accepted', 'refused', 'completed')),
  interaction_id text NOT NULL,
  client_id text NOT NULL,
  ticket jsonb NOT NULL,
  code_digest bytea UNIQUE CHECK (octet_length(code_digest) = 32),
  refusal_code text,
  sealed_evidence bytea,
  expires_at timestamptz NOT NULL,
  CHECK ((sealed_evidence IS NOT NULL) = (state = 'accepted')),
  CHECK ((code_digest IS NOT NULL) = (state IN ('accepted', 'refused', 'completed')))
);
CREATE INDEX sign_in_tickets_by_interaction ON sign_in_tickets (interaction_id);
CREATE INDEX sign_in_tickets_by_expiry ON sign_in_tickets (expires_at);

-- Sessions, interactions, codes, tokens, grants of oidc-provider. Ids are stored as SHA-256 and left out of the payload.
CREATE TABLE oidc_artifacts (
  model text NOT NULL,
  id_digest bytea NOT NULL CHECK (octet_length(id_digest) = 32),
  payload jsonb NOT NULL,
  grant_digest bytea,
  uid_digest bytea,
  user_code_digest bytea,
  consumed_at timestamptz,
  expires_at timestamptz NOT NULL,
  written_at timestamptz NOT NULL,
  PRIMARY KEY (model, id_digest)
);
CREATE INDEX oidc_artifacts_by_grant ON oidc_artifacts (grant_digest) WHERE grant_digest IS NOT NULL;
CREATE INDEX oidc_artifacts_by_uid ON oidc_artifacts (uid_digest) WHERE uid_digest IS NOT NULL;
CREATE INDEX oidc_artifacts_by_user_code ON oidc_artifacts (user_code_digest) WHERE user_code_digest IS NOT NULL;
CREATE INDEX oidc_artifacts_by_expiry ON oidc_artifacts (expires_at);

-- Messages that must reach someone else, written with what caused them: back-channel logout and the like.
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,
  payload jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  next_attempt_at timestamptz NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  last_error text,
  done_at timestamptz
);
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE done_at IS NULL;

-- Down Migration

DROP TABLE outbox;
DROP TABLE oidc_artifacts;
DROP TABLE sign_in_tickets;
DROP TABLE audit_seals;
DROP TABLE audit_events;
DROP FUNCTION refuse_change_of_audit_log();
DROP TABLE signing_keys;
DROP TABLE link_proposals;
DROP TABLE admins;
DROP TABLE external_accounts;
DROP TABLE clients;
DROP TABLE subjects;
DROP TABLE credential_links;
DROP TABLE credentials;
DROP TABLE accounts;
