-- Up Migration

-- ── sites ───────────────────────────────────────────────────────────────────────────────────────────────────────────
-- Secrets are random, so their SHA-256 is enough to know them again: [{ "digest": base64url, "createdAt", "endsAt" | null }].
-- No release ever wrote sealed_secret; a client of a development database gets a new one by `sekisho client rotate-secret`.
ALTER TABLE clients
  ADD COLUMN secrets jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(secrets) = 'array'),
  -- rises with every change: of two who edit at once, the second is told
  ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version > 0);
-- such a client must not become one without a secret: it keeps one that nobody knows
UPDATE clients SET secrets = jsonb_build_array(jsonb_build_object(
  'digest', repeat('A', 43), 'createdAt', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))
WHERE sealed_secret IS NOT NULL;
ALTER TABLE clients DROP COLUMN sealed_secret;

-- ── the provider's own keys ─────────────────────────────────────────────────────────────────────────────────────────
ALTER TABLE signing_keys
  -- when a published key begins to sign
  ADD COLUMN activates_at timestamptz,
  -- when a retired key leaves the JWKS
  ADD COLUMN published_until timestamptz,
  -- the private half of a key that is of no use any more is destroyed; the public one stays, to verify the audit log
  ALTER COLUMN sealed_private_jwk DROP NOT NULL,
  DROP CONSTRAINT signing_keys_check;
UPDATE signing_keys SET activates_at = published_at WHERE state = 'published';
UPDATE signing_keys SET published_until = retired_at WHERE state = 'retired';
ALTER TABLE signing_keys
  ADD CONSTRAINT signing_keys_activated CHECK (
    CASE state WHEN 'published' THEN activated_at IS NULL WHEN 'active' THEN activated_at IS NOT NULL ELSE true END
  ),
  ADD CONSTRAINT signing_keys_activates CHECK (state <> 'published' OR activates_at IS NOT NULL),
  ADD CONSTRAINT signing_keys_leaves CHECK ((state = 'retired') = (published_until IS NOT NULL)),
  ADD CONSTRAINT signing_keys_private CHECK (sealed_private_jwk IS NOT NULL OR state = 'retired');

-- ── who remembers any of it is told ─────────────────────────────────────────────────────────────────────────────────
-- By trigger, so that whoever writes tells: another process, the command line, an older release, an operator with psql.

CREATE FUNCTION tell_client_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('sekisho_change', 'client ' || coalesce(NEW.client_id, OLD.client_id));
  RETURN NULL;
END
$$;
CREATE TRIGGER tell_changed AFTER INSERT OR UPDATE OR DELETE ON clients
  FOR EACH ROW EXECUTE FUNCTION tell_client_changed();

CREATE FUNCTION tell_signing_keys_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('sekisho_change', 'signing-keys');
  RETURN NULL;
END
$$;
CREATE TRIGGER tell_changed AFTER INSERT OR UPDATE OR DELETE ON signing_keys
  FOR EACH STATEMENT EXECUTE FUNCTION tell_signing_keys_changed();

-- Down Migration

DROP TRIGGER tell_changed ON signing_keys;
DROP FUNCTION tell_signing_keys_changed();
DROP TRIGGER tell_changed ON clients;
DROP FUNCTION tell_client_changed();

-- without its private half a key is of no use to the release before
DELETE FROM signing_keys WHERE sealed_private_jwk IS NULL OR (state = 'retired' AND activated_at IS NULL);
ALTER TABLE signing_keys
  DROP CONSTRAINT signing_keys_private,
  DROP CONSTRAINT signing_keys_leaves,
  DROP CONSTRAINT signing_keys_activates,
  DROP CONSTRAINT signing_keys_activated,
  ALTER COLUMN sealed_private_jwk SET NOT NULL,
  DROP COLUMN published_until,
  DROP COLUMN activates_at,
  ADD CONSTRAINT signing_keys_check CHECK ((state = 'published') = (activated_at IS NULL));

ALTER TABLE clients ADD COLUMN sealed_secret bytea;
ALTER TABLE clients DROP COLUMN version, DROP COLUMN secrets;
