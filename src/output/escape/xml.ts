import { own } from '../../util/object.ts';
import { visible } from './characters.ts';
import { createTag, type Escaped, type Tag } from './printable.ts';

/** A piece of XML. */
export type Xml = Escaped<'xml'>;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/**
 * XML: what is put into it is text, of an element or of an attribute in double quotes. Line breaks are references, and what XML cannot
 * hold is written out.
 */
export const xml: Tag<'xml'> = createTag((text) =>
  text
    .split(/\r?\n/)
    .map((line) => visible(line).replace(/[&<>"]/g, (character) => own(entities, character) ?? ''))
    .join('&#10;'),
);
