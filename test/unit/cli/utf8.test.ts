import { describe, expect, test } from 'vitest';
import { decodeUtf8 } from '../../../src/source/utf8.ts';

function failure(...parts: readonly (string | number)[]): unknown {
  const bytes = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))));
  try {
    return decodeUtf8(bytes, 'x.yaml');
  } catch (error) {
    const { message, place, path } = error as { message: string; place: object; path: string };
    return { message, place, path };
  }
}

describe('bytes that are no text', () => {
  test('are told with the line of the first', () => {
    expect(failure('a: é\nb: ', 0xff, '\n', 0xfe)).toEqual({
      path: 'x.yaml',
      message: 'it is not UTF-8 text (byte 0xff in line 2)',
      place: { line: 2, column: 4 },
    });
    expect(failure('a\n\n', 0xc3)).toMatchObject({ place: { line: 3, column: 1 } });
  });

  test('are told from the character that stands for them', () => {
    expect(failure('a: \ufffd\n\ufffd ', 0x80)).toMatchObject({
      message: 'it is not UTF-8 text (byte 0x80 in line 2)',
      place: { line: 2, column: 3 },
    });
    expect(failure('a: \ufffd')).toBe('a: \ufffd');
  });

  test('are called UTF-16 when they are', () => {
    expect(failure(0xff, 0xfe, 'a', 0)).toMatchObject({
      message: 'it is not UTF-8 text, but UTF-16: save it as UTF-8 (byte 0xff in line 1)',
    });
  });
});
