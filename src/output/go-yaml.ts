import { own } from '../util/object.ts';

/**
 * YAML as kubectl and istioctl write it (sigs.k8s.io/yaml over go-yaml 2): keys sorted, lists flush with their key, the quotes that
 * Go's emitter chooses, long text folded after column 80. Libraries for JavaScript choose other quotes and folds, and the tables and
 * dumps of istioctl are compared byte for byte. Only texts that a terminal or a CI runner would act upon are written otherwise: in
 * double quotes, with what is active in them escaped.
 */

import { hasCommand, isActive, visible, wellFormed } from './escape/characters.ts';
import { asPrintable, type Printable } from './escape/printable.ts';

const BEST_WIDTH = 80;
const MAX_SIMPLE_KEY = 128;

/** The YAML of a JSON value; ends with a line break. */
export function formatGoYaml(value: unknown): Printable {
  const out = new Writer();
  writeNode(out, value, 0, false);
  return asPrintable(`${out.text}\n`);
}

/** The same as part of a greater whole: all its lines moved to the right. */
export function formatGoYamlWithin(value: unknown, indent: string): Printable {
  return asPrintable(formatGoYaml(value).replaceAll(/^(?=.)/gm, indent));
}

class Writer {
  text = '';
  private lineStart = 0;

  get column(): number {
    return this.text.length - this.lineStart;
  }

  put(text: string): void {
    this.text += text;
  }

  breakLine(indent: number): void {
    this.text += '\n';
    this.lineStart = this.text.length;
    this.text += ' '.repeat(indent);
  }
}

/** Writes a value where the cursor stands; `inLine` tells that a key or a dash stands before it. */
function writeNode(out: Writer, value: unknown, indent: number, inLine: boolean): void {
  if (Array.isArray(value)) {
    if (value.length === 0) out.put(inLine ? ' []' : '[]');
    else writeList(out, value, indent, inLine);
  } else if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => compareKeys(a, b));
    if (entries.length === 0) out.put(inLine ? ' {}' : '{}');
    else writeMap(out, entries, indent, inLine);
  } else {
    if (inLine) out.put(' ');
    writeScalar(out, value, indent, false);
  }
}

function writeList(out: Writer, items: readonly unknown[], indent: number, startsLine: boolean): void {
  items.forEach((item, index) => {
    if (index > 0 || startsLine) out.breakLine(indent);
    out.put('-');
    if (isBlock(item)) {
      out.put(' ');
      if (Array.isArray(item)) writeList(out, item, indent + 2, false);
      else writeNode(out, item, indent + 2, false);
    } else {
      writeNode(out, item, indent + 2, true);
    }
  });
}

function writeMap(out: Writer, entries: readonly (readonly [string, unknown])[], indent: number, startsLine: boolean): void {
  entries.forEach(([key, value], index) => {
    if (index > 0 || startsLine) out.breakLine(indent);
    const simple = key.length <= MAX_SIMPLE_KEY && !key.includes('\n');
    if (!simple) out.put('? ');
    writeScalar(out, key, indent + 2, simple);
    if (!simple) out.breakLine(indent);
    out.put(':');
    // A list stands flush with its key.
    writeNode(out, value, Array.isArray(value) ? indent : indent + 2, true);
  });
}

function isBlock(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

function writeScalar(out: Writer, value: unknown, indent: number, isKey: boolean): void {
  if (typeof value !== 'string') {
    out.put(value === null || value === undefined ? 'null' : typeof value === 'number' ? formatNumber(value) : String(value));
    return;
  }
  const allowed = analyze(value);
  if (value.includes('\n') && allowed.literal && !isKey) writeLiteral(out, value, indent);
  else if (value.includes('\n') || meansOtherThanText(value) || (!allowed.plain && !allowed.single))
    writeDouble(out, value, indent, !isKey);
  else if (allowed.plain) writeFolded(out, value, indent, !isKey, '');
  else writeFolded(out, value, indent, !isKey, "'");
}

/** Go's 'g' format: an exponent of two digits at least, from 1e+21 on. */
function formatNumber(value: number): string {
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2');
}

/** Plain or single-quoted text: a blank after column 80 becomes a line break. */
function writeFolded(out: Writer, text: string, indent: number, mayFold: boolean, quote: '' | "'"): void {
  out.put(quote);
  let afterBlank = false;
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    const inside = quote === '' || (i > 0 && i < text.length - 1);
    if (character === ' ' && mayFold && !afterBlank && out.column > BEST_WIDTH && inside && text[i + 1] !== ' ') {
      out.breakLine(indent);
      afterBlank = true;
      continue;
    }
    afterBlank = character === ' ';
    out.put(quote !== '' && character === "'" ? "''" : character);
  }
  out.put(quote);
}

const escapes: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\xa0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function writeDouble(out: Writer, text: string, indent: number, mayFold: boolean): void {
  const characters = [...wellFormed(text)];
  const isCommand = hasCommand(text);
  out.put('"');
  let afterBlank = false;
  characters.forEach((character, i) => {
    if (character === ' ') {
      if (mayFold && !afterBlank && out.column > BEST_WIDTH && i > 0 && i < characters.length - 1) {
        out.breakLine(indent);
        if (characters[i + 1] === ' ') out.put('\\');
      } else {
        out.put(' ');
      }
      afterBlank = true;
      return;
    }
    afterBlank = false;
    const code = character.codePointAt(0) ?? 0;
    const hexadecimal = code.toString(16).toUpperCase();
    const escape = own(escapes, character);
    if (escape !== undefined) out.put(escape);
    else if (visible(character) === character && !(isCommand && /[:#]/.test(character))) out.put(character);
    else if (code <= 0xff) out.put(`\\x${hexadecimal.padStart(2, '0')}`);
    else if (code <= 0xffff) out.put(`\\u${hexadecimal.padStart(4, '0')}`);
    else out.put(`\\U${hexadecimal.padStart(8, '0')}`);
  });
  out.put('"');
}

function writeLiteral(out: Writer, text: string, indent: number): void {
  const head = /^[ \n]/.test(text) ? '2' : '';
  const tail = !text.endsWith('\n') ? '-' : text === '\n' || text.endsWith('\n\n') ? '+' : '';
  out.put(`|${head}${tail}`);
  for (const line of text.replace(/\n$/, '').split('\n')) {
    out.breakLine(line === '' ? 0 : indent);
    out.put(line);
  }
}

interface Allowed {
  readonly plain: boolean;
  readonly single: boolean;
  readonly literal: boolean;
}

/** Which styles can hold a text; go-yaml yaml_emitter_analyze_scalar. */
function analyze(text: string): Allowed {
  if (text === '') return { plain: true, single: true, literal: false };
  const special = isActive(text) || [...text].some((character) => !isPrintable(character.codePointAt(0) ?? 0));
  const indicator =
    /^(---|\.\.\.)/.test(text) ||
    /^[#,[\]{}&*!|>'"%@`]/.test(text) ||
    /^[?:-](\s|$)/.test(text) ||
    /.:(\s|$)/s.test(text) ||
    /\s#/.test(text);
  const edges = /^[ \n]|[ \n]$/.test(text);
  const blankBeforeBreak = / \n/.test(text);
  const breakBeforeBlank = /\n /.test(text);
  return {
    plain: !special && !indicator && !edges && !text.includes('\n'),
    single: !special && !blankBeforeBreak && !breakBeforeBlank,
    literal: !special && !blankBeforeBreak && !text.endsWith(' '),
  };
}

function isPrintable(code: number): boolean {
  return (
    code === 0x0a ||
    (code >= 0x20 && code <= 0x7e) ||
    (code >= 0xa0 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff) ||
    code >= 0x10000
  );
}

const words = new Set(
  ['', '~', '<<', ...['null', 'true', 'false', 'y', 'yes', 'on', 'n', 'no', 'off'].flatMap(spellings)].concat([
    '.nan',
    '.NaN',
    '.NAN',
    '.inf',
    '.Inf',
    '.INF',
    '+.inf',
    '+.Inf',
    '+.INF',
    '-.inf',
    '-.Inf',
    '-.INF',
  ]),
);

function spellings(word: string): string[] {
  return [word, word.toUpperCase(), word.charAt(0).toUpperCase() + word.slice(1)];
}

/** Whether YAML 1.1 would read the text, unquoted, as something else than text: a boolean, null, number or date. */
function meansOtherThanText(text: string): boolean {
  if (words.has(text)) return true;
  if (!/^[-+.\d]/.test(text)) return false;
  const digits = text.replaceAll('_', '');
  return (
    /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(digits) ||
    /^[-+]?0([xX][\da-fA-F]+|[oO][0-7]+|[bB][01]+)$/.test(digits) ||
    /^[-+]?\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?$/.test(text) ||
    /^\d{4}-\d{1,2}-\d{1,2}(([Tt]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?(Z|[-+]\d{2}:\d{2}))|( \d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?))?$/.test(
      text,
    )
  );
}

/** go-yaml's order of keys: by character, letters after other characters, numbers by value. */
function compareKeys(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const [x = '', y = ''] = [left[i], right[i]];
    if (x === y) continue;
    const [xLetter, yLetter] = [isLetter(x), isLetter(y)];
    if (xLetter && yLetter) return x < y ? -1 : 1;
    if (xLetter || yLetter) return yLetter ? -1 : 1;
    const seed = (x === '0' || y === '0') && significantDigitBefore(left, i) ? 1n : 0n;
    const [m, n] = [numberAt(left, i, seed), numberAt(right, i, seed)];
    if (m.value !== n.value) return m.value < n.value ? -1 : 1;
    if (m.end !== n.end) return m.end - n.end;
    return x < y ? -1 : 1;
  }
  return left.length - right.length;
}

function isLetter(character: string): boolean {
  return /\p{L}/u.test(character);
}

function significantDigitBefore(characters: readonly string[], index: number): boolean {
  for (let i = index - 1; i >= 0 && /\d/.test(characters[i] ?? ''); i--) if (characters[i] !== '0') return true;
  return false;
}

function numberAt(characters: readonly string[], start: number, seed: bigint): { value: bigint; end: number } {
  let value = seed;
  let end = start;
  for (; end < characters.length && /\d/.test(characters[end] ?? ''); end++) value = value * 10n + BigInt(characters[end] ?? '0');
  return { value, end };
}
