import type { CommandName, Misbehaviour, MisbehaviourRule } from './misbehaviour-script.ts'

const NAMES: Readonly<Record<number, CommandName>> = {
  0xa4: 'SELECT',
  0xb0: 'READ BINARY',
  0x20: 'VERIFY',
  0x2a: 'SIGN',
  0xc0: 'GET RESPONSE',
}

/** Says what goes wrong at a command: all delays up to the first rule of another kind, then that one. */
export interface RuleChooser {
  next(apdu: Uint8Array): readonly Misbehaviour[]
}

/** Counts commands against the rules of a script. */
export function createRuleChooser(rules: readonly MisbehaviourRule[]): RuleChooser {
  const counters = rules.map((rule) => ({ rule, seen: 0, applied: 0 }))
  return {
    next(apdu) {
      const name = NAMES[apdu[1] ?? -1]
      const chosen: Misbehaviour[] = []
      let decided = false
      for (const counter of counters) {
        const { when = {}, times = when.nth === undefined ? Infinity : 1 } = counter.rule
        if (when.name !== undefined && when.name !== name) continue
        // Every rule counts every command it is about, even when an earlier rule decides what happens.
        counter.seen += 1
        if (decided || counter.seen < (when.nth ?? 1) || counter.applied >= times) continue
        counter.applied += 1
        chosen.push(counter.rule.do)
        decided = counter.rule.do.kind !== 'delay'
      }
      return chosen
    },
  }
}
