-- Up Migration

-- A site asks that one of its users be linked to whoever signs in with a card (docs/adr/0016). States: src/relying-party/link. The rows stay a
-- day after their time, so that the site can ask what became of them. Who was linked stands in external_accounts alone.
CREATE TABLE link_tickets (
  id uuid PRIMARY KEY,
  client_id text NOT NULL REFERENCES clients (client_id),
  external_id text NOT NULL,
  -- what the site calls this user towards people
  label text,
  return_url text,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'linked', 'refused', 'stopped', 'cancelled')),
  refusal_code text,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  -- of the site's Idempotency-Key, and of what it asked for with it
  idempotency_digest bytea CHECK (octet_length(idempotency_digest) = 32),
  request_digest bytea CHECK (octet_length(request_digest) = 32),
  CHECK ((ended_at IS NULL) = (state = 'open')),
  CHECK ((refusal_code IS NOT NULL) = (state = 'refused')),
  CHECK ((idempotency_digest IS NULL) = (request_digest IS NULL))
);
CREATE UNIQUE INDEX link_tickets_by_idempotency ON link_tickets (client_id, idempotency_digest)
  WHERE idempotency_digest IS NOT NULL;
CREATE INDEX link_tickets_open ON link_tickets (client_id, external_id) WHERE state = 'open';
CREATE INDEX link_tickets_by_expiry ON link_tickets (expires_at);

-- The addresses that lead to a ticket, as SHA-256 of what is secret in them. A request that is repeated because its answer was lost gets
-- another one: the first is kept by nobody.
CREATE TABLE link_ticket_secrets (
  digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
  ticket_id uuid NOT NULL REFERENCES link_tickets (id) ON DELETE CASCADE
);
CREATE INDEX link_ticket_secrets_by_ticket ON link_ticket_secrets (ticket_id);

-- Down Migration

DROP TABLE link_ticket_secrets;
DROP TABLE link_tickets;
