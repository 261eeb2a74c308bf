import { withoutCommands } from './characters.ts';

declare const printable: unique symbol;

/** Text that may leave the program: all that is foreign in it was escaped for its format. Only this folder makes it. */
export type Printable = string & { readonly [printable]: true };

/** Bytes that may leave the program: `Printable` as UTF-8, without private keys. */
export type PrintableBytes = Uint8Array & { readonly [printable]: true };

/** A symbol, so that nothing else is taken for an escaped text. */
const content: unique symbol = Symbol('escaped');

/** A piece of text whose foreign parts are escaped for a format. */
export interface Escaped<Format extends string> {
  readonly [content]: string;
  /** For the type only: a piece of one format does not fit into another. */
  readonly format?: Format;
}

type Value<Format extends string> = string | number | Escaped<Format>;

/** A tag for template literals: what the template says stays as it is, texts that are put into it are escaped. */
export type Tag<Format extends string> = (
  parts: TemplateStringsArray,
  ...values: readonly (Value<Format> | readonly Escaped<Format>[])[]
) => Escaped<Format>;

/** The tag of a format, from the escaper of texts. */
export function createTag<Format extends string>(escape: (text: string) => string): Tag<Format> {
  const textOf = (value: Value<Format> | readonly Escaped<Format>[]): string => {
    if (typeof value === 'string') return escape(value);
    if (typeof value === 'number') return String(value);
    return content in value ? value[content] : joined(value, '')[content];
  };
  return (parts, ...values) => {
    let text = parts[0] ?? '';
    for (let index = 1; index < parts.length; index++) text += textOf(values[index - 1] ?? '') + (parts[index] ?? '');
    return escaped(text);
  };
}

/** For the escapers of this folder, and for texts of ours: declares that nothing of the text is left to escape. */
export function escaped<Format extends string>(text: string): Escaped<Format> {
  return { [content]: text };
}

/** The text of a piece. */
export function contentOf(piece: Escaped<string>): string {
  return piece[content];
}

/** The pieces with something of ours between them. */
export function joined<Format extends string>(pieces: readonly Escaped<Format>[], between = '\n'): Escaped<Format> {
  return escaped(pieces.map(contentOf).join(between));
}

/** The piece as it leaves the program: CI runners read along, so it says nothing that they would do. */
export function printed(piece: Escaped<string>): Printable {
  return asPrintable(withoutCommands(piece[content]));
}

/** Texts one after the other. */
export function concatenated(texts: readonly Printable[]): Printable {
  return asPrintable(texts.join(''));
}

/** For the escapers of this folder: declares that a text is fit to leave the program. */
export function asPrintable(text: string): Printable {
  return text as Printable;
}

/** The same of bytes. */
export function asPrintableBytes(bytes: Uint8Array): PrintableBytes {
  return bytes as PrintableBytes;
}
