import type { Location, Path } from '../diagnostics/diagnostic.ts';
import { isObject } from '../util/object.ts';
import { maskPrivateKeys } from '../util/private-keys.ts';
import { isMask, Sealed } from '../util/sealed.ts';
import { expandLists } from './lists.ts';
import type { SourceText } from './load.ts';
import { parseText, withoutByteOrderMarks } from './parse.ts';
import { maySecretStandIn } from './secrets.ts';
import { splitDocuments } from './split.ts';

/**
 * A text as its lines may be quoted: each character of a secret is a star, so that all else stays in its place. Secret are the values
 * of Secrets, comments beside them, private keys wherever they stand, and all of a text that nobody named.
 */
export function quotableText({ text: written, isForeign }: SourceText): string {
  if (isForeign) return '';
  const text = withoutByteOrderMarks(written);
  let shown = '';
  for (const { start, end } of splitDocuments(text))
    shown += text.slice(shown.length, start) + maskSecrets(text.slice(start, end));
  return maskPrivateKeys(shown + text.slice(shown.length), { pem: stars, base64: stars });
}

function maskSecrets(text: string): string {
  if (!maySecretStandIn(text)) return text;
  let isRead = true;
  const documents = expandLists(
    parseText('', text, () => {
      isRead = false;
    }),
  );
  const isKnown = documents.every(({ value }) => isObject(value) && typeof value.kind === 'string');
  if (!isRead || !isKnown) return text.split('\n').map(maskAfterKey).join('\n');
  const places = documents.flatMap((document) => sealedPaths(document.value).map((path) => document.locate(path)));
  return places.length === 0 ? text : maskPlaces(text, places);
}

function sealedPaths(value: unknown): readonly Path[] {
  if (value instanceof Sealed || isMask(value)) return [[]];
  const members: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : isObject(value)
      ? Object.entries(value)
      : [];
  return members.flatMap(([step, member]) => sealedPaths(member).map((path) => [step, ...path]));
}

function maskPlaces(text: string, places: readonly Location[]): string {
  const lines = text.split('\n');
  for (const { line: first, column, endLine: last = first, endColumn = column } of places) {
    for (let number = first; number <= last; number++) {
      const line = lines[number - 1] ?? '';
      const from = number === first ? column - 1 : 0;
      const to = number === last ? endColumn - 1 : line.length;
      lines[number - 1] = line.slice(0, from) + stars(line.slice(from, to)) + line.slice(to);
    }
  }
  return lines.map((line) => line.replace(/(?:^|\s)#.*/, stars)).join('\n');
}

/** Of a line that cannot be read, the key at its start is left to see. */
function maskAfterKey(line: string): string {
  const [key = ''] = /^\s*(?:- )?["']?[\w./-]+["']?\s*:(?=\s|$)/.exec(line) ?? [];
  return key + stars(line.slice(key.length));
}

function stars(text: string): string {
  return text.replace(/\S/g, '*');
}
