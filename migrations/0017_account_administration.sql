-- Up Migration

-- Two pairs of eyes. No release has written this table yet (0001), so that nothing is filled and nobody waits.
ALTER TABLE link_proposals
  DROP CONSTRAINT link_proposals_act_check,
  -- a program may propose, too
  ALTER COLUMN proposed_by DROP NOT NULL,
  DROP CONSTRAINT link_proposals_check1;
ALTER TABLE link_proposals
  ADD CONSTRAINT link_proposals_act_check
    CHECK (act IN ('link', 'unlink', 'merge', 'split', 'suspend', 'reopen', 'close', 'undo')),
  -- in which order they were made
  ADD COLUMN sequence bigint GENERATED ALWAYS AS IDENTITY,
  ADD COLUMN state text NOT NULL CHECK (state IN ('open', 'executed', 'rejected', 'withdrawn', 'expired')),
  -- every account of the families that it is about
  ADD COLUMN account_ids uuid[] NOT NULL,
  -- what its proposer saw (src/administration/proposal/seen-facts.ts): when it has changed, nobody may approve it
  ADD COLUMN seen jsonb NOT NULL,
  -- as the audit log names them, and the role that an administrator had
  ADD COLUMN proposer text NOT NULL,
  ADD COLUMN proposer_role text,
  -- what the person is told, of a few words
  ADD COLUMN told_as text,
  ADD COLUMN needs text NOT NULL CHECK (needs IN ('nobody', 'administrator', 'owner')),
  ADD COLUMN expires_at timestamptz NOT NULL,
  ADD COLUMN closed_at timestamptz,
  ADD COLUMN closed_by text,
  ADD COLUMN closing_reason text,
  ADD COLUMN operation_id uuid UNIQUE REFERENCES account_operations (id),
  ADD CONSTRAINT link_proposals_closed CHECK ((state = 'open') = (closed_at IS NULL)),
  ADD CONSTRAINT link_proposals_closer CHECK ((closed_at IS NULL) = (closed_by IS NULL)),
  ADD CONSTRAINT link_proposals_executed CHECK ((state = 'executed') = (operation_id IS NOT NULL)),
  ADD CONSTRAINT link_proposals_approved CHECK (approved_by IS NULL OR state = 'executed'),
  -- never the same two eyes
  ADD CONSTRAINT link_proposals_two_people CHECK (approved_by IS NULL OR approved_by IS DISTINCT FROM proposed_by),
  ADD CONSTRAINT link_proposals_other_actor CHECK (approved_by IS NULL OR closed_by IS DISTINCT FROM proposer);
CREATE UNIQUE INDEX link_proposals_in_order ON link_proposals (sequence);
CREATE INDEX link_proposals_open ON link_proposals (expires_at) WHERE state = 'open';
CREATE INDEX link_proposals_by_account ON link_proposals USING gin (account_ids);

-- What was done to an account by others than its person: told once, at the next sign-in, and kept for the person's own page.
CREATE TABLE account_notices (
  operation_id uuid NOT NULL REFERENCES account_operations (id),
  account_id uuid NOT NULL REFERENCES accounts (id),
  reason text,
  told_at timestamptz,
  PRIMARY KEY (operation_id, account_id)
);
CREATE INDEX account_notices_by_account ON account_notices (account_id);
CREATE INDEX account_notices_to_tell ON account_notices (account_id) WHERE told_at IS NULL;

-- Settled by a merge, or by somebody who looked and said why not.
ALTER TABLE merge_candidates
  ADD COLUMN dismissed_by text,
  ADD COLUMN dismissed_reason text CHECK (dismissed_reason <> ''),
  ADD CHECK ((dismissed_by IS NULL) = (dismissed_reason IS NULL)),
  ADD CHECK (dismissed_by IS NULL OR settled_at IS NOT NULL);

-- Down Migration

ALTER TABLE merge_candidates DROP COLUMN dismissed_reason, DROP COLUMN dismissed_by;
DROP TABLE account_notices;
DELETE FROM link_proposals;
ALTER TABLE link_proposals
  DROP COLUMN operation_id,
  DROP COLUMN closing_reason,
  DROP COLUMN closed_by,
  DROP COLUMN closed_at,
  DROP COLUMN expires_at,
  DROP COLUMN needs,
  DROP COLUMN told_as,
  DROP COLUMN proposer_role,
  DROP COLUMN proposer,
  DROP COLUMN seen,
  DROP COLUMN account_ids,
  DROP COLUMN state,
  DROP COLUMN sequence,
  DROP CONSTRAINT link_proposals_act_check,
  ADD CONSTRAINT link_proposals_act_check CHECK (act IN ('link', 'unlink', 'merge', 'split', 'suspend', 'reopen', 'close')),
  DROP CONSTRAINT link_proposals_two_people,
  ADD CONSTRAINT link_proposals_check1 CHECK (approved_by IS DISTINCT FROM proposed_by),
  ALTER COLUMN proposed_by SET NOT NULL;
