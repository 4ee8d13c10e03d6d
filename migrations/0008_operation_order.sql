-- Up Migration

-- In which order things were done by hand: two may fall into one millisecond.
ALTER TABLE account_operations ADD COLUMN sequence bigint GENERATED ALWAYS AS IDENTITY;

-- Down Migration

ALTER TABLE account_operations DROP COLUMN sequence;
