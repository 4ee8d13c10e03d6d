/** What is promised about one figure. */
export interface GoalOf {
  readonly name: string
  readonly bound: 'at most' | 'at least'
  readonly target: number
  /** `×` for a ratio within one run, else a unit. */
  readonly unit: string
}

const atMost = (target: number, unit: string, name: string): GoalOf => ({ name, bound: 'at most', target, unit })
const atLeast = (target: number, unit: string, name: string): GoalOf => ({ name, bound: 'at least', target, unit })

/**
 * Every goal, in the order of the report. “Stock” is oidc-provider 9 with the plain Redis adapter, `http.createServer(provider.callback())`,
 * static clients, one process; its log-in is a stub. “First draft” is the same mounted in express with pkijs in the interaction.
 */
export const GOALS = {
  introspectionCpu: atMost(0.35, '×', 'introspection, 64 connections: CPU beside stock'),
  introspectionThroughput: atLeast(2.5, '×', 'introspection, 64 connections: throughput beside stock'),
  introspectionSame: atMost(0, 'fields', 'introspection: differences between our answers and stock’s'),
  introspectionWaits: atMost(2, 'waits', 'introspection: waits one after the other, for Redis and PostgreSQL'),
  introspectionCommands: atMost(4, 'commands', 'introspection: Redis commands'),
  introspectionP50: atMost(1, '×', 'introspection, 16 connections: p50 beside stock'),
  introspectionP99: atMost(1, '×', 'introspection, 16 connections: p99 beside stock'),
  logInCpu: atMost(1, '×', 'card log-in: CPU beside stock’s log-in with a stub'),
  logInRate: atLeast(5, '×', 'card log-in: log-ins a second beside the first draft'),
  logInP50: atMost(1, '×', 'card log-in, 16 connections: p50 beside stock’s stub'),
  logInP99: atMost(1, '×', 'card log-in, 16 connections: p99 beside stock’s stub'),
  logInRequests: atMost(5, 'requests', 'card log-in: HTTP requests of the browser'),
  logInRedisWaits: atMost(18, 'waits', 'card log-in: awaited Redis trips'),
  logInPostgresWaits: atMost(2, 'waits', 'card log-in: awaited PostgreSQL trips'),
  judging: atMost(2, '×', 'judging a response: CPU beside three RSA-2048 verifications'),
  refreshCpu: atMost(0.8, '×', 'refresh with rotation: CPU beside stock'),
  wholeApp: atMost(1.1, '×', 'an OIDC endpoint: CPU through the whole app beside the bare callback'),
  crlLoad: atMost(5, 's', 'CRL of 10⁶ entries: loaded, verified and indexed'),
  crlMemory: atMost(200, 'MB', 'CRL of 10⁶ entries: memory, worker and list'),
  crlHeld: atMost(20, 'ms', 'CRL of 10⁶ entries: event loop held meanwhile'),
  crlCheck: atMost(5, 'µs', 'CRL of 10⁶ entries: a check'),
  ocspCached: atMost(60, 'µs', 'OCSP: a cached answer adds'),
  ocspCachedNetwork: atMost(0, 'requests', 'OCSP: a cached answer asks the network'),
  ocspTogether: atMost(1, 'requests', 'OCSP: 64 log-ins of one card at a time fetch'),
  lookUp: atMost(1.15, '×', 'subject look-up: the large country beside 10³ credentials'),
  chainQuestions: atMost(0, 'questions', 'chain of depth d: national questions beyond d, the first time'),
  chainTransactions: atMost(1, 'transactions', 'chain of depth d: transactions, the first time'),
  chainAgain: atMost(1, 'queries', 'chain of depth d: queries afterwards'),
  twoProcesses: atLeast(0.9, '×', 'two processes: work per server CPU second beside one'),
  redisPerSession: atMost(3.2, 'kB', 'memory: Redis per session after its code is gone'),
  rss: atMost(200, 'MB', 'memory: RSS of the server after all of this'),
  rssGrowth: atMost(10, 'MB', 'memory: growth over 10⁵ log-ins, by regression'),
  startBesideStock: atMost(3, '×', 'start: `serve` ready beside stock’s own start'),
  startReady: atMost(1, 's', 'start: `serve` ready with a database that is up'),
  firstLogIn: atMost(200, 'ms', 'start: first log-in'),
  startPage: atMost(10, 's', 'start: `npm start` shows the sign-in page'),
  agentPage: atMost(300, 'ms', 'ceremony: the agent’s page after the click'),
  ceremony: atMost(150, 'ms', 'ceremony: machine time beside the card’s own'),
} as const satisfies Record<string, GoalOf>

export type GoalId = keyof typeof GOALS
