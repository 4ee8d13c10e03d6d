-- Up Migration

-- The leaves of a seal's tree: eight octets of sequence and 32 of SHA-256 each. With them a check can say which record is another.
ALTER TABLE audit_seals
  ADD COLUMN leaves bytea NOT NULL CHECK (octet_length(leaves) > 0 AND octet_length(leaves) % 40 = 0);

-- A number of the sequence is drawn before its row is there. Whoever draws one has a transaction id by then, so that the sealer can
-- wait until all that drew before it looked have ended (src/storage/audit-seal-store.ts), and nobody waits for the sealer.
CREATE FUNCTION take_transaction_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_current_xact_id();
  RETURN NULL;
END
$$;
CREATE TRIGGER take_transaction_id BEFORE INSERT ON audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION take_transaction_id();

-- What was taken out after its time: the seal stays, the tombstone says when and why, signed like the seal.
CREATE TABLE audit_tombstones (
  seal_number bigint PRIMARY KEY REFERENCES audit_seals (number),
  events integer NOT NULL CHECK (events > 0),
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
  pruned_at timestamptz NOT NULL,
  kid text NOT NULL,
  signature bytea NOT NULL
);
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON audit_tombstones
  FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit_log();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON audit_tombstones
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_log();

-- Only a record under a seal that has its tombstone may leave.
CREATE FUNCTION refuse_delete_of_kept_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM audit_tombstones JOIN audit_seals ON number = seal_number
    WHERE OLD.sequence BETWEEN first_sequence AND last_sequence
  ) THEN
    RAISE EXCEPTION 'the audit log is append-only: % on %', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN OLD;
END
$$;
CREATE TRIGGER kept_rows BEFORE DELETE ON audit_events
  FOR EACH ROW EXECUTE FUNCTION refuse_delete_of_kept_event();
DROP TRIGGER append_only_rows ON audit_events;
CREATE TRIGGER append_only_rows BEFORE UPDATE ON audit_events
  FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit_log();

-- Down Migration

DROP TRIGGER append_only_rows ON audit_events;
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON audit_events
  FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit_log();
DROP TRIGGER kept_rows ON audit_events;
DROP FUNCTION refuse_delete_of_kept_event();
DROP TABLE audit_tombstones;
DROP TRIGGER take_transaction_id ON audit_events;
DROP FUNCTION take_transaction_id();
ALTER TABLE audit_seals DROP COLUMN leaves;
