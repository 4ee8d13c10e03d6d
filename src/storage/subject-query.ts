/**
 * What a sector calls an account: of the account itself; of one that was merged since, what it was called by, else what the account that is
 * left is called by.
 *
 * @param account, @param sector SQL expressions, never input
 */
export function subjectQuery(account: string, sector: string): string {
  return `
  WITH asked AS (SELECT id, coalesce(merged_into, id) AS living FROM accounts WHERE id = ${account})
  SELECT sub, 1 AS place FROM subjects WHERE account_id = ${account} AND sector = ${sector}
  UNION ALL
  SELECT sub, 2 FROM inherited_subjects WHERE account_id = ${account} AND sector = ${sector} AND undone_at IS NULL
  UNION ALL
  SELECT sub, 3 FROM subjects JOIN asked ON asked.living = account_id WHERE asked.living <> asked.id AND sector = ${sector}
  UNION ALL
  SELECT sub, 4 FROM inherited_subjects JOIN asked ON asked.living = account_id
  WHERE asked.living <> asked.id AND sector = ${sector} AND undone_at IS NULL
  ORDER BY place LIMIT 1`
}
