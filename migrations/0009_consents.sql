-- Up Migration

-- What a person agreed that a site gets. One row stands for a person and a site, and grows with what is agreed later; one that was taken
-- back stays, and says that what came of it must not be believed any more.
CREATE TABLE consents (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts (id),
  client_id text NOT NULL,
  -- of the provider itself: openid, offline_access
  scopes text[] NOT NULL,
  -- beyond those that every sign-in carries
  claims text[] NOT NULL,
  -- at APIs: “<resource> <scope>”, neither of which holds a space
  resource_scopes text[] NOT NULL,
  granted_at timestamptz NOT NULL,
  revoked_at timestamptz CHECK (revoked_at >= granted_at)
);
CREATE UNIQUE INDEX consents_standing ON consents (account_id, client_id) WHERE revoked_at IS NULL;
CREATE INDEX consents_by_account ON consents (account_id, client_id);

-- Registration access tokens (RFC 7592): with one of them a program reads, changes and ends the client that it registered itself.
CREATE TABLE client_configuration_tokens (
  client_id text PRIMARY KEY REFERENCES clients (client_id) ON DELETE CASCADE,
  token_digest bytea NOT NULL UNIQUE CHECK (octet_length(token_digest) = 32),
  created_at timestamptz NOT NULL
);

-- What every process must have the same of, and no database may show: sealed with KEY_ENCRYPTION_KEY (src/sealing), bound to the name.
CREATE TABLE server_secrets (
  name text PRIMARY KEY,
  sealed bytea NOT NULL
);

-- Down Migration

DROP TABLE server_secrets;
DROP TABLE client_configuration_tokens;
DROP TABLE consents;
