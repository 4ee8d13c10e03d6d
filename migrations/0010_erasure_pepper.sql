-- Up Migration

-- A closed account whose grace has passed: nothing leads to it any more. Its id and its subs stay, so that they are given to nobody else.
ALTER TABLE accounts ADD COLUMN erased_at timestamptz;
CREATE INDEX accounts_to_erase ON accounts (status_since) WHERE status = 'closed' AND erased_at IS NULL;

-- The chain stays append-only, but for the links of those who are gone.
CREATE OR REPLACE FUNCTION refuse_change_of_credential_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.undone_at IS NULL AND NEW.undone_at IS NOT NULL
    AND to_jsonb(NEW) - 'undone_at' = to_jsonb(OLD) - 'undone_at' THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' AND EXISTS (
    SELECT FROM credentials JOIN accounts ON accounts.id = credentials.account_id
    WHERE credentials.id IN (OLD.newer_id, OLD.older_id) AND accounts.erased_at IS NOT NULL
  ) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'links between credentials are append-only: %', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END
$$;

-- Peppers that were given up on purpose: what is still kept under one of them belongs to strangers. A server that misses any other one
-- does not start.
CREATE TABLE retired_peppers (
  version integer PRIMARY KEY,
  retired_at timestamptz NOT NULL
);

-- Down Migration

DROP TABLE retired_peppers;
CREATE OR REPLACE FUNCTION refuse_change_of_credential_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.undone_at IS NULL AND NEW.undone_at IS NOT NULL
    AND to_jsonb(NEW) - 'undone_at' = to_jsonb(OLD) - 'undone_at' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'links between credentials are append-only: %', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END
$$;
DROP INDEX accounts_to_erase;
ALTER TABLE accounts DROP COLUMN erased_at;
