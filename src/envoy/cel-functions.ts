import { type CelCall, readCel } from '../util/cel/calls.ts';
import { own } from '../util/object.ts';

/** Functions by name: with how many arguments they can be called, those called on something by how many come after it. */
const functions: Readonly<Record<string, readonly number[]>> = {
  size: [1],
  contains: [2],
  startsWith: [2],
  endsWith: [2],
  matches: [2],
  int: [1],
  uint: [1],
  double: [1],
  bool: [1],
  bytes: [1],
  timestamp: [1],
  duration: [1],
  type: [1],
  dyn: [1],
  has: [1],
};

const TIME_PARTS = /^get(FullYear|Month|DayOfYear|DayOfMonth|Date|DayOfWeek|Hours|Minutes|Seconds|Milliseconds)$/;
const methods: Readonly<Record<string, readonly number[]>> = {
  size: [0],
  contains: [1],
  startsWith: [1],
  endsWith: [1],
  matches: [1],
};

/**
 * What keeps Envoy from taking a CEL expression: its syntax, functions that Envoy does not have, and macros that it has switched off.
 * As Envoy source/extensions/filters/common/expr/evaluator.cc: neither comprehensions nor conversions to text.
 */
export function celProblem(expression: string): string | undefined {
  const reading = readCel(expression);
  if ('problem' in reading) return `is no CEL expression (${reading.problem.replace(/^ERROR: <input>:/, 'at ')})`;
  for (const call of reading.calls) {
    const { name, count, isComprehension } = call;
    if (isComprehension) return `uses ${name}(), which Envoy has switched off`;
    if (!isKnown(call)) return `calls ${name}() with ${count} argument${count === 1 ? '' : 's'}, which Envoy's CEL does not have`;
  }
  return undefined;
}

function isKnown({ name, receiver, hasReceiver, count }: CelCall): boolean {
  if (!hasReceiver) return numbersOf(functions, name).includes(count);
  // Newer versions of Envoy have these.
  if (receiver === 're') return ['extract', 'capture', 'captureN'].includes(name);
  return TIME_PARTS.test(name) ? count <= 1 : numbersOf(methods, name).includes(count);
}

function numbersOf(table: Readonly<Record<string, readonly number[]>>, name: string): readonly number[] {
  return own(table, name) ?? [];
}
