import { own } from '../../util/object.ts';

/**
 * Characters that a terminal, a log or a viewer acts upon instead of showing them: control characters, line and paragraph
 * separators, lone surrogates, controls of the writing direction, and what is invisible by design (byte order marks, tags).
 */
const ACTIVE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\uFEFF\uFFFE\uFFFF\u{E0000}-\u{E007F}]/gu;
/** The same without what lays out a text of many lines. */
const ACTIVE_IN_LINES = /[^\P{Cc}\t\n\r]|[\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\uFEFF\uFFFE\uFFFF\u{E0000}-\u{E007F}]/gu;

/**
 * What CI runners execute when it stands in the log of a step: `::name ...::` at the start of a line (GitHub), `##[name` and
 * `##name[` anywhere in it (GitHub, Azure, TeamCity).
 */
const COMMAND_AT_START = /^([^\S\n\r\u2028\u2029]*)::(?=[A-Za-z][\w-]*(?: [^\n]*)?::)/gm;
const COMMAND_ANYWHERE = /##(?=\w*\[)/g;
const COMMAND_WHEN_FOLDED = /(?:^|\s)::[A-Za-z][\w-]*(?: [^\n]*)?::|##\w*\[/;

/** What nearly all texts are: nothing in them is active, and finding that out takes less than looking for what is. */
const ORDINARY = /^[ -~]*$/;

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text on one line, with active characters written out: `\n`, `\x1b`, `\u202e`. */
export function visible(text: string): string {
  return ORDINARY.test(text) ? text : text.replace(ACTIVE, (character) => own(short, character) ?? writtenOut(character));
}

/** Like `visible` for a line of a source text, in which tabs stay what they are. */
export function visibleBesideTabs(text: string): string {
  if (ORDINARY.test(text)) return text;
  return text.replace(ACTIVE, (character) => (character === '\t' ? character : (own(short, character) ?? writtenOut(character))));
}

function writtenOut(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code <= 0xff) return `\\x${digits.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`;
}

/** JSON (or any text of many lines) in which active characters and commands of CI runners are written as JSON escapes. */
export function withJsonEscapes(text: string): string {
  const escapeUnits = (character: string): string => character.split('').map(unicodeEscape).join('');
  return text.replace(ACTIVE_IN_LINES, escapeUnits).replace(COMMAND_ANYWHERE, '\\u0023#');
}

/** The same for YAML in double quotes, which has an escape of its own for characters beyond 16 bits. */
export function withYamlEscapes(text: string): string {
  return text.replace(ACTIVE_IN_LINES, unicodeEscape).replace(COMMAND_ANYWHERE, '\\u0023#');
}

function unicodeEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** The text with replacement characters for halves of characters, which few formats can hold. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\ufffd');
}

/** The text with commands of CI runners made harmless; it may have many lines. */
export function withoutCommands(text: string): string {
  return text.replace(COMMAND_AT_START, '$1\\x3a:').replace(COMMAND_ANYWHERE, '\\x23#');
}

/** Whether the text, wherever its lines are broken, has a command of a CI runner. */
export function hasCommand(text: string): boolean {
  return COMMAND_WHEN_FOLDED.test(text);
}

/** Whether the text, wherever its lines are broken, has a character or a command that something acts upon. */
export function isActive(text: string): boolean {
  return text.search(ACTIVE_IN_LINES) !== -1 || hasCommand(text);
}
