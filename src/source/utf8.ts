import { Buffer, isUtf8 } from 'node:buffer';
import { UnreadableError } from './file-system.ts';

const REPLACEMENT = '\ufffd';
const ENCODED_REPLACEMENT = [0xef, 0xbf, 0xbd];

/** The text that bytes are in UTF-8. Throws an UnreadableError that says where they stop being text; `path` names them for people. */
export function decodeUtf8(bytes: Uint8Array, path: string): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  if (isUtf8(bytes)) return text;
  const start = firstBadCharacter(bytes, text);
  const before = text.slice(0, start);
  const line = before.split('\n').length;
  const column = start - before.lastIndexOf('\n');
  const byte = bytes[lengthOf(before)] ?? 0;
  const hint = isUtf16(bytes) ? ', but UTF-16: save it as UTF-8' : '';
  const reason = `it is not UTF-8 text${hint} (byte 0x${byte.toString(16)} in line ${line})`;
  throw new UnreadableError(path, reason, { place: { line, column } });
}

/** Where the first replacement stands that is not in the bytes themselves. */
function firstBadCharacter(bytes: Uint8Array, text: string): number {
  let offset = 0;
  let from = 0;
  for (let at = text.indexOf(REPLACEMENT); at !== -1; at = text.indexOf(REPLACEMENT, from)) {
    offset += lengthOf(text.slice(from, at));
    if (!ENCODED_REPLACEMENT.every((byte, index) => bytes[offset + index] === byte)) return at;
    offset += ENCODED_REPLACEMENT.length;
    from = at + 1;
  }
  return text.length;
}

function lengthOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

function isUtf16(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}
