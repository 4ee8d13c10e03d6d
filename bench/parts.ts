import type { Bench } from './bench.ts'

/** A measurement that can be asked for by its name. */
interface Part {
  readonly says: string
  /** Loaded when it is run: a part's libraries must not be in the way of another's figures. */
  readonly load: () => Promise<(bench: Bench) => Promise<void>>
}

const lately =
  <Name extends string>(load: () => Promise<Record<Name, (bench: Bench) => Promise<void>>>, name: Name) =>
  async () =>
    (await load())[name]

export const PARTS = {
  crl: {
    says: 'a revocation list of a million entries',
    load: lately(() => import('./measure/crl.ts'), 'measureCrl'),
  },
  certificate: {
    says: 'one response of a card judged, beside its three RSA verifications and beside pkijs',
    load: lately(() => import('./measure/certificate.ts'), 'measureJudging'),
  },
  subject: {
    says: 'finding the account of a card among a million (--scale); chains of renewals',
    load: lately(() => import('./measure/subject.ts'), 'measureSubject'),
  },
  introspection: {
    says: 'an API asks what a token is worth; CPU, throughput, latency',
    load: lately(() => import('./measure/introspection.ts'), 'measureIntrospection'),
  },
  'log-in': {
    says: 'a whole card log-in beside a stub at stock, and beside the first draft',
    load: lately(() => import('./measure/log-in.ts'), 'measureLogIn'),
  },
  refresh: {
    says: 'refresh tokens with rotation',
    load: lately(() => import('./measure/refresh.ts'), 'measureRefresh'),
  },
  'whole-app': {
    says: 'what our HTTP server costs an OIDC endpoint, beside the bare callback',
    load: lately(() => import('./measure/whole-app.ts'), 'measureWholeApp'),
  },
  ocsp: {
    says: 'how often the national service is asked about one card',
    load: lately(() => import('./measure/ocsp.ts'), 'measureOcsp'),
  },
  'two-processes': {
    says: 'work for each second of server CPU, with one process and with two',
    load: lately(() => import('./measure/two-processes.ts'), 'measureTwoProcesses'),
  },
  memory: {
    says: 'Redis for each session, RSS',
    load: lately(() => import('./measure/memory.ts'), 'measureMemory'),
  },
  start: {
    says: 'serve, npm start, and the ceremony until the site',
    load: lately(() => import('./measure/start.ts'), 'measureStart'),
  },
  scale: {
    says: 'log-ins, introspections and look-ups with 10³ people and more, workers, Redis Cluster',
    load: lately(() => import('./measure/scale.ts'), 'measureScale'),
  },
  soak: {
    says: 'log-ins for --minutes without a pause: does memory stay flat?',
    load: lately(() => import('./measure/soak.ts'), 'measureSoak'),
  },
  waits: {
    says: 'how often each of them waits for Redis and PostgreSQL, counted on the wire',
    load: lately(() => import('./measure/waits.ts'), 'measureWaits'),
  },
  requests: {
    says: 'CPU of each request of a log-in, ours beside stock',
    load: lately(() => import('./measure/requests.ts'), 'measureRequests'),
  },
  profile: {
    says: 'where our CPU time goes, request by request: the busiest packages and functions of a sampling profile',
    load: lately(() => import('./measure/profile.ts'), 'measureProfile'),
  },
} as const satisfies Record<string, Part>

export type PartName = keyof typeof PARTS

/** What a run without names consists of, in this order. */
export const STANDARD: readonly PartName[] = [
  // before anything else has made this process larger
  'crl',
  'certificate',
  'subject',
  'waits',
  'introspection',
  'log-in',
  'refresh',
  'whole-app',
  'ocsp',
  'two-processes',
  'memory',
  'start',
]
