import { describe, expect, test } from 'vitest';
import type { ChunkReader, ReadChunk, SourceDocument } from '../../../src/source/document.ts';
import { parseText } from '../../../src/source/parse.ts';
import { createRandom } from '../../support/random-edits.ts';

/** Reads what it has read before in the same place, and counts what it reads. */
function createReader() {
  const known = new Map<string, ReadChunk>();
  const read: string[] = [];
  const reader: ChunkReader = (source, place, readSource) => {
    const key = JSON.stringify([source, place]);
    const found = known.get(key) ?? readSource(source);
    if (!known.has(key)) read.push(source);
    known.set(key, found);
    return found;
  };
  return { reader, read };
}

/** All that a document tells. */
function toldBy(document: SourceDocument): unknown {
  const { file, index, value } = document;
  const paths = [[], ['kind'], ['spec'], ['spec', 'a'], ['spec', 'b', 0]];
  const places = paths.map((path) => [document.locate(path), document.locate(path, 'key'), document.reference?.(path)]);
  return { file, index, value, places, line: document.reference?.() };
}

function toldIn(text: string, reader?: ChunkReader): unknown {
  const problems: unknown[] = [];
  const documents = parseText('m.yaml', text, (problem) => void problems.push(problem), reader);
  return { documents: documents.map(toldBy), problems };
}

const documents = [
  'kind: A\nspec: {a: 1}\n',
  'kind: B\nspec:\n  a: x\n  b:\n  - y\n',
  'kind: C\n',
  'kind: D # d\n...\nkind: E\n',
];
const text = documents.join('---\n');

describe('stretches of a text that were read before', () => {
  test('are the same documents where only another one has changed', () => {
    const { reader, read } = createReader();
    const before = parseText('m.yaml', text, () => {}, reader);
    const after = parseText('m.yaml', text.replace('a: x', 'a: xyz'), () => {}, reader);
    expect(after.map((document, index) => document === before[index])).toEqual([true, false, true, true, true]);
    expect(read.length).toBe(5);
  });

  test('are others where they stand at other lines', () => {
    const { reader } = createReader();
    const before = parseText('m.yaml', text, () => {}, reader);
    const after = parseText('m.yaml', text.replace('a: x', 'a: x # of two\n  c: 1'), () => {}, reader);
    expect(after.map((document, index) => document === before[index])).toEqual([true, false, false, false, false]);
  });

  test('tell what a reader of its own tells, whatever stands around them', () => {
    const random = createRandom(7);
    const one = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? '';
    const markers = [
      '---\n',
      '---\n',
      '---\n',
      '--- \n',
      '--- # c\n',
      '---\n\n',
      '---\n---\n',
      '---\u00a0\n',
      '---\r\n',
      '\n---\n',
      '# c\n---\n',
    ];
    const parts = [
      ...documents,
      '',
      '\n',
      '# only a comment\n',
      '\u00a0\nkind: F\n',
      '\n\nkind: G\n',
      '# g\nkind: H\n',
      'kind: [broken\n',
      '%YAML 1.2\n',
    ];
    const { reader } = createReader();
    for (let round = 0; round < 400; round++) {
      const count = 2 + Math.floor(random() * 4);
      const made = Array.from(
        { length: count },
        (_, index) => `${index > 0 || random() < 0.5 ? one(markers) : ''}${one(parts)}`,
      ).join('');
      expect(toldIn(made, reader), JSON.stringify(made)).toEqual(toldIn(made));
    }
  });
});
