/** Freezes plain objects and arrays; a secret keeps its value to itself and is left alone. */
export function freezeDeep<Value>(value: Value): Value {
  if (Array.isArray(value) || Object.getPrototypeOf(value ?? 0) === Object.prototype) {
    Object.values(value as object).forEach(freezeDeep)
    Object.freeze(value)
  }
  return value
}
