-- Up Migration

-- An API has one owner: a token says its name, and only its owner may ask about the token.
CREATE UNIQUE INDEX clients_by_resource ON clients ((registration #>> '{resourceServer,resource}'))
  WHERE registration #>> '{resourceServer,resource}' IS NOT NULL;

-- Down Migration

DROP INDEX clients_by_resource;
