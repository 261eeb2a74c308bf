import type { Path } from '../../../diagnostics/diagnostic.ts';

/**
 * Says what Envoy refuses: where below the message, what is wrong with the value there, and what to do about it. Where it does not go
 * together with other values, those can be to blame as well.
 */
export type Complain = (path: Path, sense: string, fix: string, ...others: readonly Path[]) => void;

/** What Envoy demands of the messages of a type beyond the limits that their schema states. */
export interface RefusalRule {
  /** The full name of the message. */
  readonly message: string;
  /** Whether it is about a text in a language that Envoy reads (a format, a script, keys) or about values. */
  readonly about: 'text' | 'value';
  check(value: unknown, complain: Complain): void;
}

/** A rule about the messages of a type, by its full name. */
export function defineRule<T>(
  message: string,
  about: RefusalRule['about'],
  check: (message: T, complain: Complain) => void,
): RefusalRule {
  // The walk gives a rule only messages of the type that it names.
  return { message, about, check: (value, complain) => check(value as T, complain) };
}

/** A value for people, shortened. */
export function quoteShort(value: unknown): string {
  return shorten(JSON.stringify(value) ?? 'absent');
}

/** A text, shortened where it is long. */
export function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
