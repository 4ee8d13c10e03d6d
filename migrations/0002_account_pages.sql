-- Up Migration

-- A person's sessions and grants, for their own page and for ending them all at once.
CREATE INDEX oidc_artifacts_by_account ON oidc_artifacts ((payload ->> 'accountId')) WHERE model IN ('Session', 'Grant');

-- Down Migration

DROP INDEX oidc_artifacts_by_account;
