import { visible, visibleBesideTabs } from './characters.ts';
import { contentOf, createTag, type Escaped, escaped, joined, type Printable, printed, type Tag } from './printable.ts';

/** Text for people: what is put into it stays on its line and is seen as it is. */
export type Plain = Escaped<'plain'>;

/** A piece of text for people. */
export const plain: Tag<'plain'> = createTag(visible);

/** A piece of a quoted line, in which tabs stay what they are. */
export const quotedLine: Tag<'plain'> = createTag(visibleBesideTabs);

/** A text in a colour (or another style), which the style adds around it. */
export function styled(style: (text: string) => string, text: string | Plain): Plain {
  return escaped(style(contentOf(plain`${text}`)));
}

/** Lines, each with its line break; what stands in one of them cannot begin another. */
export function printedLines(lines: readonly (string | Plain)[]): Printable {
  return printed(
    joined(
      lines.map((line) => plain`${line}\n`),
      '',
    ),
  );
}

/** A text that has lines already: help, what a library says. */
export function printedText(text: string): Printable {
  return printed(joined(text.split('\n').map((line) => plain`${line}`)));
}
