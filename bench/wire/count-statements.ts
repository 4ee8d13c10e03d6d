/**
 * Reads what a client sends to PostgreSQL (protocol 3.0, without TLS) and names each statement that is carried out by how it begins.
 *
 * @returns takes a piece; gives the statements that it completed
 */
export function createStatementReader(): (piece: Buffer) => readonly string[] {
  let unread = Buffer.alloc(0)
  let hasBegun = false
  let parsed = 'a prepared statement'
  return (piece) => {
    unread = Buffer.concat([unread, piece])
    const statements: string[] = []
    for (;;) {
      // the first message of a connection has no type
      const head = hasBegun ? 1 : 0
      if (unread.length < head + 4) return statements
      const end = head + unread.readInt32BE(head)
      if (unread.length < end) return statements
      if (hasBegun) {
        const type = String.fromCharCode(unread[0] ?? 0)
        const body = unread.subarray(5, end)
        if (type === 'Q') statements.push(beginningOf(body.toString('utf8')))
        // Parse: name of the statement, then its text
        if (type === 'P') parsed = beginningOf(body.toString('utf8', body.indexOf(0) + 1))
        if (type === 'E') statements.push(parsed)
      }
      hasBegun = true
      unread = unread.subarray(end)
    }
  }
}

function beginningOf(sql: string): string {
  return (sql.split('\0', 1)[0] ?? '').trim().replaceAll(/\s+/g, ' ').slice(0, 60)
}
