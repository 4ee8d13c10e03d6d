-- Up Migration

-- How many events of each kind there were in each hour, so that nobody who looks at a month reads a month of the log. Counted from what is
-- sealed (src/storage/audit-count-store.ts), once: nothing can appear any more at or before a seal. Holds nothing of a person.
CREATE TABLE audit_counts (
  hour timestamptz NOT NULL,
  type text NOT NULL,
  -- of a refusal; empty otherwise
  code text NOT NULL DEFAULT '',
  events bigint NOT NULL CHECK (events > 0),
  PRIMARY KEY (hour, type, code)
);

-- One row: the last seal that was counted.
CREATE TABLE audit_count_place (
  id boolean PRIMARY KEY DEFAULT true CHECK (id),
  seal_number bigint NOT NULL DEFAULT 0,
  last_sequence bigint NOT NULL DEFAULT 0
);
INSERT INTO audit_count_place DEFAULT VALUES;

-- Down Migration

DROP TABLE audit_count_place;
DROP TABLE audit_counts;
