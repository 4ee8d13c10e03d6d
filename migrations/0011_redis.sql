-- Up Migration

-- How often an account, or what came of one card, was signed out: what was begun before the last time is worth nothing, wherever it is kept.
ALTER TABLE accounts ADD COLUMN sign_outs integer NOT NULL DEFAULT 0 CHECK (sign_outs >= 0);
ALTER TABLE credentials ADD COLUMN sign_outs integer NOT NULL DEFAULT 0 CHECK (sign_outs >= 0);

-- Which histories of a Redis are believed (docs/adr/0005). Numbers are drawn, not counted: one is never given again, also not by a
-- database that was restored.
CREATE TABLE redis_incarnations (
  number integer PRIMARY KEY DEFAULT 1 + floor(random() * 2147483646)::integer,
  replication_id text NOT NULL,
  -- of the server's process: its replication id alone may change without anything being lost
  run_id text NOT NULL,
  registered_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  superseded_at timestamptz
);
CREATE UNIQUE INDEX redis_incarnations_standing ON redis_incarnations (replication_id) WHERE superseded_at IS NULL;

-- How often something was done, where there is no Redis to count. May be lost with a crash: counting begins anew.
CREATE UNLOGGED TABLE rate_limits (
  key text PRIMARY KEY,
  points integer NOT NULL DEFAULT 0,
  expire bigint
);

-- Down Migration

DROP TABLE rate_limits;
DROP TABLE redis_incarnations;
ALTER TABLE credentials DROP COLUMN sign_outs;
ALTER TABLE accounts DROP COLUMN sign_outs;
