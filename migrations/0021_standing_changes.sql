-- Up Migration

-- Whose standing moved (docs/adr/0024): whoever changes a row by which it is judged whether somebody may go on, writes down whose it is, in
-- the same transaction. A process that remembers standings asks which transactions have ended since it last looked, and forgets those people.
-- Unlogged: after a crash, and on a standby that took over, both tables are empty, and every process forgets everything.
CREATE UNLOGGED TABLE standing_changes (
  written_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
  -- NULL: anybody's
  account_id uuid,
  at timestamptz NOT NULL DEFAULT now()
);
-- A role for servers that has no rights on new tables yet: what servers of the release before end must be written down all the same. Whoever
-- writes more than there is makes processes forget, and ask again.
GRANT INSERT (account_id) ON standing_changes TO PUBLIC;
CREATE INDEX standing_changes_in_order ON standing_changes (written_in);
CREATE INDEX standing_changes_by_age ON standing_changes (at);

-- Which unbroken row of changes that is. A row that was copied (a restored dump) names a transaction that did not write it.
CREATE UNLOGGED TABLE standing_memory (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  number uuid NOT NULL DEFAULT gen_random_uuid(),
  written_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
  -- the newest transaction of which something was removed: who did not look since then cannot tell any more what changed
  forgotten xid8
);

-- Argument: the column that names the account. An account has moved for those too that it is, or was, merged into.
CREATE FUNCTION write_down_standing_change() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO standing_changes (account_id)
  SELECT DISTINCT moved::uuid FROM unnest(ARRAY[
    to_jsonb(OLD) ->> TG_ARGV[0], to_jsonb(NEW) ->> TG_ARGV[0],
    to_jsonb(OLD) ->> 'merged_into', to_jsonb(NEW) ->> 'merged_into'
  ]) AS moved WHERE moved IS NOT NULL;
  RETURN NULL;
END
$$;

CREATE FUNCTION write_down_that_all_standings_changed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO standing_changes (account_id) VALUES (NULL);
  RETURN NULL;
END
$$;

-- Columns are named, so that marking a card as used costs nothing. ALWAYS: also where a replication writes.
CREATE TRIGGER standing_changed AFTER UPDATE OF id, status, merged_into, sign_outs ON accounts
  FOR EACH ROW EXECUTE FUNCTION write_down_standing_change('id');
CREATE TRIGGER standing_ended AFTER DELETE ON accounts
  FOR EACH ROW EXECUTE FUNCTION write_down_standing_change('id');
CREATE TRIGGER standing_begun AFTER INSERT ON accounts
  FOR EACH ROW WHEN (NEW.merged_into IS NOT NULL) EXECUTE FUNCTION write_down_standing_change('id');
CREATE TRIGGER all_standings_changed AFTER TRUNCATE ON accounts
  FOR EACH STATEMENT EXECUTE FUNCTION write_down_that_all_standings_changed();

CREATE TRIGGER standing_changed AFTER UPDATE OF id, account_id, status, sign_outs ON credentials
  FOR EACH ROW EXECUTE FUNCTION write_down_standing_change('account_id');
CREATE TRIGGER standing_ended AFTER DELETE ON credentials
  FOR EACH ROW EXECUTE FUNCTION write_down_standing_change('account_id');
CREATE TRIGGER all_standings_changed AFTER TRUNCATE ON credentials
  FOR EACH STATEMENT EXECUTE FUNCTION write_down_that_all_standings_changed();

CREATE TRIGGER standing_changed AFTER UPDATE OF account_id, client_id, revoked_at ON consents
  FOR EACH ROW EXECUTE FUNCTION write_down_standing_change('account_id');
CREATE TRIGGER standing_ended AFTER DELETE ON consents
  FOR EACH ROW EXECUTE FUNCTION write_down_standing_change('account_id');
CREATE TRIGGER standing_begun AFTER INSERT ON consents
  FOR EACH ROW WHEN (NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION write_down_standing_change('account_id');
CREATE TRIGGER all_standings_changed AFTER TRUNCATE ON consents
  FOR EACH STATEMENT EXECUTE FUNCTION write_down_that_all_standings_changed();

-- what is remembered says a name that the account has itself: another one cannot come before it
CREATE TRIGGER standing_changed AFTER UPDATE OR DELETE ON subjects
  FOR EACH ROW EXECUTE FUNCTION write_down_standing_change('account_id');
CREATE TRIGGER all_standings_changed AFTER TRUNCATE ON subjects
  FOR EACH STATEMENT EXECUTE FUNCTION write_down_that_all_standings_changed();

ALTER TABLE accounts
  ENABLE ALWAYS TRIGGER standing_changed,
  ENABLE ALWAYS TRIGGER standing_ended,
  ENABLE ALWAYS TRIGGER standing_begun,
  ENABLE ALWAYS TRIGGER all_standings_changed;
ALTER TABLE credentials
  ENABLE ALWAYS TRIGGER standing_changed,
  ENABLE ALWAYS TRIGGER standing_ended,
  ENABLE ALWAYS TRIGGER all_standings_changed;
ALTER TABLE consents
  ENABLE ALWAYS TRIGGER standing_changed,
  ENABLE ALWAYS TRIGGER standing_ended,
  ENABLE ALWAYS TRIGGER standing_begun,
  ENABLE ALWAYS TRIGGER all_standings_changed;
ALTER TABLE subjects
  ENABLE ALWAYS TRIGGER standing_changed,
  ENABLE ALWAYS TRIGGER all_standings_changed;

-- Down Migration
-- Reversible: it says only what changed within the last minutes, and only processes that remember standings want to know

DROP TRIGGER all_standings_changed ON subjects;
DROP TRIGGER standing_changed ON subjects;
DROP TRIGGER all_standings_changed ON consents;
DROP TRIGGER standing_begun ON consents;
DROP TRIGGER standing_ended ON consents;
DROP TRIGGER standing_changed ON consents;
DROP TRIGGER all_standings_changed ON credentials;
DROP TRIGGER standing_ended ON credentials;
DROP TRIGGER standing_changed ON credentials;
DROP TRIGGER all_standings_changed ON accounts;
DROP TRIGGER standing_begun ON accounts;
DROP TRIGGER standing_ended ON accounts;
DROP TRIGGER standing_changed ON accounts;
DROP FUNCTION write_down_that_all_standings_changed();
DROP FUNCTION write_down_standing_change();
DROP TABLE standing_memory;
DROP TABLE standing_changes;
