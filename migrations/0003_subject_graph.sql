-- Up Migration

-- Since when the status is what it is; NULL: since the account was made.
ALTER TABLE accounts ADD COLUMN status_since timestamptz;
CREATE INDEX accounts_merged_into ON accounts (merged_into) WHERE merged_into IS NOT NULL;

-- traced_at: the linkage service has said all it knows about this card, down to the first one. NULL: it was not asked, or not to the end.
-- person_digest: what a linkage service calls the person ("person id" style), as SHA-256: the name is random and says nothing elsewhere.
ALTER TABLE credentials ADD COLUMN traced_at timestamptz;
ALTER TABLE credentials ADD COLUMN person_digest bytea CHECK (octet_length(person_digest) = 32);
CREATE INDEX credentials_by_person ON credentials (person_digest) WHERE person_digest IS NOT NULL;

-- The chain is append-only: a link may be undone, once, and that is all that ever happens to it.
CREATE FUNCTION refuse_change_of_credential_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.undone_at IS NULL AND NEW.undone_at IS NOT NULL
    AND to_jsonb(NEW) - 'undone_at' = to_jsonb(OLD) - 'undone_at' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'links between credentials are append-only: %', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON credential_links
  FOR EACH ROW EXECUTE FUNCTION refuse_change_of_credential_link();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON credential_links
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_credential_link();

-- What sites knew a merged account by, and go on seeing, where the account that is left had no name of its own (docs/adr/0004).
CREATE TABLE inherited_subjects (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts (id),
  sector text NOT NULL,
  sub text NOT NULL REFERENCES subjects (sub),
  at timestamptz NOT NULL,
  undone_at timestamptz
);
CREATE UNIQUE INDEX inherited_subjects_standing ON inherited_subjects (account_id, sector) WHERE undone_at IS NULL;
CREATE INDEX inherited_subjects_by_sub ON inherited_subjects (sub);

-- One chain that reached two accounts: for an administrator to decide.
CREATE TABLE merge_candidates (
  id uuid PRIMARY KEY,
  -- of the nearest predecessor, which was signed in to
  account_id uuid NOT NULL REFERENCES accounts (id),
  other_account_id uuid NOT NULL REFERENCES accounts (id),
  evidence jsonb NOT NULL DEFAULT '{}',
  found_at timestamptz NOT NULL,
  settled_at timestamptz,
  CHECK (account_id <> other_account_id)
);
CREATE UNIQUE INDEX merge_candidates_standing
  ON merge_candidates (least(account_id, other_account_id), greatest(account_id, other_account_id)) WHERE settled_at IS NULL;

-- What was done to accounts by hand, and what exactly changed, so that each can be undone.
CREATE TABLE account_operations (
  id uuid PRIMARY KEY,
  act text NOT NULL CHECK (act IN ('link', 'unlink', 'merge', 'split', 'suspend', 'reopen', 'close', 'undo')),
  account_id uuid NOT NULL REFERENCES accounts (id),
  other_account_id uuid REFERENCES accounts (id),
  changes jsonb NOT NULL,
  reason text NOT NULL CHECK (reason <> ''),
  actor text NOT NULL,
  at timestamptz NOT NULL,
  -- the operation that this one took back
  undoes uuid UNIQUE REFERENCES account_operations (id),
  CHECK ((act = 'undo') = (undoes IS NOT NULL))
);
CREATE INDEX account_operations_by_account ON account_operations (account_id);
CREATE INDEX account_operations_by_other_account ON account_operations (other_account_id) WHERE other_account_id IS NOT NULL;

-- From an old card to a new one without a linkage service: shown once, stored as a digest, used once.
CREATE TABLE hand_over_codes (
  code_digest bytea PRIMARY KEY CHECK (octet_length(code_digest) = 32),
  account_id uuid NOT NULL REFERENCES accounts (id),
  credential_id uuid NOT NULL REFERENCES credentials (id),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  redeemed_at timestamptz,
  -- a newer code for the same credential
  replaced_at timestamptz,
  CHECK (redeemed_at IS NULL OR replaced_at IS NULL)
);
CREATE UNIQUE INDEX hand_over_codes_standing ON hand_over_codes (credential_id) WHERE redeemed_at IS NULL AND replaced_at IS NULL;
CREATE INDEX hand_over_codes_by_expiry ON hand_over_codes (expires_at);

-- An unknown card whose person is being asked "renewed, or new here?": sealed, for one browser, for minutes.
CREATE TABLE pending_choices (
  token_digest bytea PRIMARY KEY CHECK (octet_length(token_digest) = 32),
  interaction_id text NOT NULL,
  client_id text NOT NULL,
  sealed_evidence bytea NOT NULL,
  tries_left integer NOT NULL CHECK (tries_left >= 0),
  expires_at timestamptz NOT NULL
);
CREATE INDEX pending_choices_by_expiry ON pending_choices (expires_at);

-- Down Migration

DROP TABLE pending_choices;
DROP TABLE hand_over_codes;
DROP TABLE account_operations;
DROP TABLE merge_candidates;
DROP TABLE inherited_subjects;
DROP TRIGGER append_only_table ON credential_links;
DROP TRIGGER append_only_rows ON credential_links;
DROP FUNCTION refuse_change_of_credential_link();
DROP INDEX credentials_by_person;
ALTER TABLE credentials DROP COLUMN person_digest;
ALTER TABLE credentials DROP COLUMN traced_at;
DROP INDEX accounts_merged_into;
ALTER TABLE accounts DROP COLUMN status_since;
