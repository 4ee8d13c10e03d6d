-- Up Migration

-- Where this installation keeps what is short-lived, in one row (docs/adr/0021): two servers that keep it in two places would each know
-- nothing of what the other one used or revoked.
CREATE TABLE short_lived_place (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  place text NOT NULL CHECK (place IN ('database', 'redis')),
  chosen_at timestamptz NOT NULL,
  -- proofs (jti) that were used until then may be forgotten; NULL: none was ever
  forgets_before timestamptz
);

-- An installation that has worked already has made its choice. A new one makes it with its first server.
INSERT INTO short_lived_place (place, chosen_at)
  SELECT 'redis', now() WHERE EXISTS (SELECT FROM redis_incarnations WHERE superseded_at IS NULL);
INSERT INTO short_lived_place (place, chosen_at)
  SELECT 'database', now() WHERE EXISTS (SELECT FROM oidc_artifacts) ON CONFLICT DO NOTHING;

-- Down Migration

DROP TABLE short_lived_place;
