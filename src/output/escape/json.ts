import { withJsonEscapes } from './characters.ts';
import { asPrintable, escaped, type Printable, printed } from './printable.ts';

/** A value as JSON over several lines, with a line break at the end. */
export function printedJson(value: unknown, indent: number | string = 2): Printable {
  return asPrintable(`${withJsonEscapes(JSON.stringify(value, null, indent))}\n`);
}

/** JSON that is formatted already. */
export function printedJsonText(json: string): Printable {
  return asPrintable(withJsonEscapes(json));
}

/** A text that ought to be JSON, printed as it is. */
export function printedDump(text: string): Printable {
  return printed(escaped(withJsonEscapes(text)));
}
