import { isObject, own } from '../util/object.ts';

const INDENT = '    ';
const htmlEscapes: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** JSON as Go's encoding/json prints it with an indent of four blanks. */
export function formatGoJson(value: unknown): string {
  return formatValue(value, '\n');
}

/**
 * A text or another scalar as Go's encoding/json prints it: characters that HTML would read as markup are escaped, and so are the
 * two line separators that JavaScript once could not hold.
 */
export function formatGoScalar(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => own(htmlEscapes, character) ?? character);
}

/** The members of an object in the order in which Go would print them. */
export function orderedEntries(value: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  const entries = Object.entries(value);
  // JavaScript puts keys that are numbers first, by their number; only maps have such, and Go sorts the keys of maps as texts.
  const first = entries[0]?.[0] ?? '';
  return /^(0|[1-9]\d*)$/.test(first) ? entries.sort(([a], [b]) => (a < b ? -1 : 1)) : entries;
}

function formatValue(value: unknown, lineBreak: string): string {
  const inner = lineBreak + INDENT;
  if (Array.isArray(value)) {
    return value.length === 0 ? '[]' : `[${value.map((item) => inner + formatValue(item, inner)).join(',')}${lineBreak}]`;
  }
  if (!isObject(value)) return formatGoScalar(value);
  const members = orderedEntries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${inner}${formatGoScalar(key)}: ${formatValue(member, inner)}`);
  return members.length === 0 ? '{}' : `{${members.join(',')}${lineBreak}}`;
}
