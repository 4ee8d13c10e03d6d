import { inspect } from 'node:util'

const REDACTED = '[secret]'

/** A value that no log, JSON or error message shows by accident: whoever needs it says so. */
export class Secret<Value> {
  readonly #value: Value

  constructor(value: Value) {
    this.#value = value
  }

  reveal(): Value {
    return this.#value
  }

  toString(): string {
    return REDACTED
  }

  toJSON(): string {
    return REDACTED
  }

  [inspect.custom](): string {
    return REDACTED
  }
}
