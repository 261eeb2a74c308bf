import { visible } from './characters.ts';
import { createTag, type Escaped, type Tag } from './printable.ts';

/** A piece of a Mermaid diagram. */
export type Mermaid = Escaped<'mermaid'>;

/** Mermaid: what is put into it is the text of a label in double quotes. Mermaid has no escapes but references such as `#35;`. */
export const mermaid: Tag<'mermaid'> = createTag((text) =>
  visible(text).replace(/[^\p{L}\p{N} .,:/_()-]/gu, (character) => `#${character.codePointAt(0)};`),
);

/** A piece of a graph for Graphviz. */
export type Dot = Escaped<'dot'>;

/** Graphviz: what is put into it is a text in double quotes: a name or a label, in which a backslash and a reference mean something. */
export const dot: Tag<'dot'> = createTag((text) =>
  visible(text).replaceAll('&', '&amp;').replaceAll('##', '#&#35;').replaceAll('\\', '\\\\').replaceAll('"', '\\"'),
);
