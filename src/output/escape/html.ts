import { visible, withJsonEscapes } from './characters.ts';
import { createTag, type Escaped, escaped, type Tag } from './printable.ts';

/** A piece of HTML. */
export type Html = Escaped<'html'>;

/** HTML: what is put into it is text, of an element or of an attribute in quotes. */
export const html: Tag<'html'> = createTag((text) =>
  visible(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`),
);

/** A value as JSON in an element `<script type="application/json">`, its texts as they are to be seen. */
export function scriptData(value: unknown): Html {
  const json = JSON.stringify(value, (_, member: unknown) => (typeof member === 'string' ? visible(member) : member));
  // In a script element, only `<` could end it.
  return escaped(withJsonEscapes(json).replaceAll('<', '\\u003c'));
}
