-- Up Migration

-- How far the numbers of revocation lists have come: an older list is refused, also after a restart (RFC 5280 §5.2.3: up to 20 octets).
CREATE TABLE crl_numbers (
  scope text PRIMARY KEY,
  number numeric(49) NOT NULL CHECK (number >= 0)
);

-- Down Migration

DROP TABLE crl_numbers;
