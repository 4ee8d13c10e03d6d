/**
 * `ok`; `degraded`: it does its work, but an operator should look; `unready`: requests should go to another instance.
 * Which fault is which is decided in docs/operations.md, and made in src/main/health-checks.ts.
 */
export type HealthState = 'ok' | 'degraded' | 'unready'

/** What one check found. Everything in it may be shown to anybody who can reach the server: no address, no name of a person, no secret. */
export interface HealthReport {
  readonly state: HealthState
  /** When that was learned; undefined: just now. */
  readonly asOf?: Date | undefined
  readonly detail?: Readonly<Record<string, string | number | boolean | null>>
}

export interface HealthCheck {
  /** Of a bounded list: also a label of a metric. */
  readonly name: string
  /** What it means when `read` fails or does not answer in time. */
  readonly silenceIs: Exclude<HealthState, 'ok'>
  readonly read: () => HealthReport | Promise<HealthReport>
}

/** All checks at one moment. */
export interface HealthSummary {
  readonly state: HealthState
  readonly checks: readonly (Omit<HealthReport, 'asOf'> & { readonly name: string; readonly ageSeconds: number })[]
}
