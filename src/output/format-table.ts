import type { Printable } from './escape/printable.ts';

/**
 * The formats in which one subject can be printed, each loaded when it is chosen: starting stays cheap. A command takes its choices from
 * the keys, so that a format is a function and a line here.
 */
export type FormatTable<Name extends string, Arguments extends readonly unknown[], Printed = Printable> = Readonly<
  Record<Name, () => Promise<(...subject: Arguments) => Printed>>
>;

/** The names of a table's formats, in its order. */
export function formatNames<Name extends string>(table: Readonly<Record<Name, unknown>>): readonly Name[] {
  // What a table has besides its declared keys, nobody can write into a literal.
  return Object.keys(table) as Name[];
}
