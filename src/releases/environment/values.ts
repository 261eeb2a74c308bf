import { assertNever } from '../../util/assert.ts';
import { formatDuration, parseDuration } from '../../util/duration.ts';
import { parseGoBoolean } from '../../util/go-boolean.ts';

/** What kind of value a variable takes; the words of its default follow. As istio pkg/env/var.go. */
export type ValueKind = 'boolean' | 'integer' | 'unsigned' | 'number' | 'duration' | 'text';

/** A value as istiod has it once it is read; durations in canonical form. */
export type Value = boolean | number | string;

const expected: Readonly<Record<ValueKind, string>> = {
  boolean: 'true or false',
  integer: 'a whole number',
  unsigned: 'a whole number from 0 to 4294967295',
  number: 'a number',
  duration: 'a duration such as 500ms or 15s',
  text: 'a text',
};

/** What a value of the kind looks like, for people. */
export function describeKind(kind: ValueKind): string {
  return expected[kind];
}

/** The value that istiod reads; undefined where it cannot, so that its default holds. */
export function readValue(kind: ValueKind, text: string): Value | undefined {
  switch (kind) {
    case 'boolean':
      return parseGoBoolean(text);
    case 'integer':
      // strconv.Atoi
      return /^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
    case 'unsigned':
      // encoding/json into a uint32
      return /^\s*(?:0|[1-9]\d*)\s*$/.test(text) && Number(text) <= 4294967295 ? Number(text) : undefined;
    case 'number':
      return readNumber(text);
    case 'duration': {
      const nanoseconds = parseDuration(text);
      return nanoseconds === undefined ? undefined : formatDuration(nanoseconds);
    }
    case 'text':
      return text;
    default:
      return assertNever(kind);
  }
}

/** Decimal numbers of strconv.ParseFloat; its infinities are out of range for every variable. */
function readNumber(text: string): number | undefined {
  return /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}
