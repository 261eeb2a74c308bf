/** Throws when a condition that our own code guarantees does not hold; never for mistakes in user input. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`mesh has a bug: ${message}`);
}

/** Marks the end of a switch over a union: the compiler proves that nothing is left. */
export function assertNever(value: never): never {
  throw new Error(`mesh has a bug: unexpected value ${JSON.stringify(value)}`);
}
