import { isObject } from './object.ts';
import { compareText } from './text.ts';

/** The value of a JSON text. Throws an Error that says what is wrong and quotes nothing of the text, which may hold secrets. */
export function parseJsonText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const quote = message.endsWith(' is not valid JSON') ? message.search(/, (?:\.\.\.)?"/) : -1;
    throw new Error(quote === -1 ? message : message.slice(0, quote));
  }
}

/** The object that a JSON text holds, where it is one of those that are looked for; undefined for other texts. */
export function objectIn<T extends object>(text: string, isWanted: (value: unknown) => value is T): T | undefined {
  // Manifests in YAML are not worth the try.
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isWanted(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The same text for equal values, also of those with integers of any size in them. */
export function textOfValue(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    // An integer of any size, which few values hold: looking at each part takes ten times as long.
    return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
  }
}

/** A value as one text, equal for those that differ in the order of their fields alone. */
export function textInOrder(value: unknown): string {
  return JSON.stringify(value ?? null, (_, part: unknown) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => compareText(one, other))) : part,
  );
}
