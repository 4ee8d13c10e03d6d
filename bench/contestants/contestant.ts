import type { Card } from '../load/issue-cards.ts'
import type { Connection } from '../load/http-connection.ts'
import type { LogInWalk, Tokens } from '../load/log-in.ts'
import type { Wish } from '../scene.ts'

/** A server that is measured, whose clients and people are those of scene.ts. */
export interface Contestant {
  readonly name: string
  /** `http://localhost:port` */
  readonly origin: string
  /** Of the process whose tree is charged. */
  readonly pid: number
  readonly siteSecret: string
  readonly apiSecret: string
  /** One whole log-in of somebody, as this server has it. */
  logIn(connection: Connection, card: Card, wish: Wish): Promise<Tokens>
  /** The same request by request. */
  walkLogIn(connection: Connection, card: Card, wish: Wish): LogInWalk
  /** From its start to its first good answer. */
  readonly readyMs: number
  stop(): Promise<void>
}

/** `sekisho serve`. */
export interface OursContestant extends Contestant {
  /** What it was configured with. */
  readonly environment: Readonly<Record<string, string>>
  /** The same log-in at another process of it, whose issuer this is. */
  logInAt(origin: string, connection: Connection, card: Card): Promise<Tokens>
}
