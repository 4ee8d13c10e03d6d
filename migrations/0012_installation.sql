-- Up Migration

-- Which database this is, in one row (docs/adr/0014). Whatever copies rows (pg_restore, COPY, logical replication) writes them in
-- another transaction than `written_in` names, another server has another system identifier, and a server that was promoted or
-- recovered to a point in time has another timeline: so a database that was restored is known from within.
CREATE TABLE installation (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  -- NULL: the server does not tell
  system_identifier text,
  timeline integer,
  written_in xid8 NOT NULL,
  -- the newest release that migrated it: src/storage/schema
  schema_release integer NOT NULL CHECK (schema_release > 0),
  -- “sekisho recover” was last run
  recovered_at timestamptz
);

-- What each file was when it was applied.
ALTER TABLE schema_migrations ADD COLUMN checksum text;

-- Down Migration

ALTER TABLE schema_migrations DROP COLUMN checksum;
DROP TABLE installation;
