-- Up Migration

-- Initial access tokens of dynamic registration (RFC 7591 §3): 256 random bits each, of which only the SHA-256 is kept.
CREATE TABLE registration_tokens (
  token_digest bytea PRIMARY KEY CHECK (octet_length(token_digest) = 32),
  -- who answers for whatever is registered with it
  owner text NOT NULL CHECK (owner <> ''),
  uses_left integer NOT NULL CHECK (uses_left >= 0),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX registration_tokens_by_expiry ON registration_tokens (expires_at);

-- Down Migration

DROP TABLE registration_tokens;
