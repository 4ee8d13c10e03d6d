import type { Contestant } from '../contestants/contestant.ts'
import type { Card } from './issue-cards.ts'
import { openConnection, type Connection } from './http-connection.ts'
import type { Wish } from '../scene.ts'
import type { Tokens } from './log-in.ts'

/** So many people at once at one server, each on a connection of their own. */
export interface Crowd {
  readonly size: number
  connection(worker: number): Connection
  /** The next person of this worker: cards are not shared, so nobody waits for anybody. */
  card(worker: number): Card
  /** So many log-ins, by everybody at once; fewer when the time is over first. */
  logIn(count: number, wish: Wish, withinMs?: number): Promise<readonly Tokens[]>
  close(): Promise<void>
}

/** @param cards at least as many as people */
export function openCrowd(contestant: Contestant, cards: readonly Card[], size: number): Crowd {
  if (cards.length < size) throw new RangeError(`${size} people need as many cards`)
  const connections = Array.from({ length: size }, () => openConnection(contestant.origin))
  const turns = new Array<number>(size).fill(0)
  const each = Math.floor(cards.length / size)
  const at = <Thing>(things: readonly Thing[], index: number): Thing => {
    const thing = things[index]
    if (thing === undefined) throw new RangeError(`there is no number ${index}`)
    return thing
  }
  const card = (worker: number): Card => {
    const turn = at(turns, worker)
    turns[worker] = turn + 1
    return at(cards, worker * each + (turn % each))
  }
  return {
    size,
    connection: (worker) => at(connections, worker),
    card,
    logIn: async (count, wish, withinMs = Number.POSITIVE_INFINITY) => {
      const endsAt = performance.now() + withinMs
      const tokens: Tokens[] = []
      let begun = 0
      await Promise.all(
        connections.map(async (connection, worker) => {
          while (begun < count && performance.now() < endsAt) {
            begun += 1
            tokens.push(await contestant.logIn(connection, card(worker), wish))
          }
        }),
      )
      return tokens
    },
    close: async () => {
      await Promise.all(connections.map((connection) => connection.close()))
    },
  }
}
