import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { YamlPlace } from '../../../../src/util/yaml/places.ts';
import { readYaml } from '../../../../src/util/yaml/reader.ts';

type Answer = readonly [text: string, value?: unknown];
const answers = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../../../../fixtures/yaml/answers.json'), 'utf8'),
) as readonly Answer[];

/** The first document of a text; nothing when any of them is refused. */
function answerOf(text: string): readonly unknown[] {
  const { documents, problem } = readYaml(text);
  return problem === undefined ? [documents[0]?.value ?? null] : [];
}

describe('reading YAML as Kubernetes does', () => {
  test('every text means what sigs.k8s.io/yaml makes of it, and is refused where that refuses it', () => {
    for (const [text, ...value] of answers) expect([text, ...answerOf(text)]).toEqual([text, ...value]);
  });

  // What sigs.k8s.io/yaml refuses, or does not look at, and mesh reads all the same.
  test.each([
    ['JSON whose colon stands on another line', '{"a"\n: 1}', [{ a: 1 }]],
    ['JSON with escapes that YAML does not have', '{"a": "\\/ \\ud83d\\ude00"}', [{ a: '/ 😀' }]],
    [
      'documents of JSON without anything between them',
      '{"a": 1}\n{"b": 2} {"c": 3}{"d": 4}',
      [{ a: 1 }, { b: 2 }, { c: 3 }, { d: 4 }],
    ],
    ['what stands after the end of a document', 'a: 1\n...\nb: 2\n', [{ a: 1 }, { b: 2 }]],
    ['the end of a document that has not begun', '...\na: 1\n', [{ a: 1 }]],
  ])('%s', (_, text, values) => {
    const { documents, problem } = readYaml(text);
    expect(problem).toBeUndefined();
    expect(documents.map(({ value }) => value)).toEqual(values);
  });

  test('only a document that is JSON itself may be followed by another one', () => {
    expect(readYaml('a: 1\n{b: 2}').problem).toMatchObject({ kind: 'key-colon', offset: 5 });
    expect(readYaml('[1] [2]').problem).toMatchObject({ kind: 'value-end', offset: 4 });
  });

  test('documents before a mistake are read', () => {
    const { documents, problem } = readYaml('{"a": 1}\n{"b": ]\n{"c": 3}');
    expect(documents.map(({ value }) => value)).toEqual([{ a: 1 }]);
    expect(problem).toMatchObject({ offset: 15 });
  });
});

describe('mistakes', () => {
  test.each([
    ['a tab that indents', 'a:\n\tb: 1\n', 'tab-indent', '\tb'],
    ['a tab on an empty line', 'a: b\n\t\nc: d\n', 'tab-indent', '\t\n'],
    ['a key that stands twice', 'a: 1\nb: 2\na: 3\n', 'key-twice', 'a: 3'],
    ['a key that is a mapping', 'a:\n  {b: c}: d\n', 'key-complex', '{b'],
    ['a key that is a list', 'a:\n  ? - b\n  : d\n', 'key-complex', '- b'],
    ['a key that is null', 'a:\n  ~: d\n', 'key-null', '~'],
    ['a key that is missing', 'a: {b: c, ? : d}\n', 'key-null', ': d'],
    ['an infinite number', 'a: [1, .inf]\n', 'number-infinite', '.inf'],
    ['a text with a colon', 'a: see: this\n', 'key-place', ': this'],
    ['a text that goes on after its quotes', 'a: "b" c\n', 'value-end', 'c\n'],
    ['a line that is indented too far', 'a: "b"\n  c: d\n', 'indent', 'c: d'],
    ['a line without a colon', 'a: b\nc\nd: e\n', 'key-colon', 'c\n'],
    ['an item among keys', 'a: b\n- c\n', 'list-place', '- c'],
    ['a key among items', '- a\nb: c\n', 'list-dash', 'b: c'],
    ['a list without a comma', 'a: ["b" "c"]\n', 'flow-list', '"c"'],
    ['a mapping without a comma', 'a: {b: "c" d: e}\n', 'flow-mapping', 'd: e'],
    ['a sign that is reserved', 'a: @b\n', 'character-start', '@b'],
    ['a template', 'a: {{ .Values.b }}\n', 'key-complex', '{ .V'],
    ['an escape that means nothing', 'a: "b\\d"\n', 'quote-escape', '\\d'],
    ['half of a character', 'a: "\\ud83d\\ude00"\n', 'quote-unicode', '\\ud83d'],
    ['half of a character in JSON', '{"a": "\\ude00"}', 'quote-unicode', '\\ude00'],
    ['half of a character before another in JSON', '{"a": "\\ud83d\\u0041"}', 'quote-unicode', '\\ud83d'],
    ['a quote that is not closed', 'a: "b\nc: d\n', 'quote-open', '"b'],
    ['an alias of nothing', 'a: *b\n', 'alias-unknown', '*b'],
    ['an alias of what it stands in', 'a: &a [*a]\n', 'alias-recursive', '*a'],
    ['a control character', 'a: b\u0007\n', 'character-control', '\u0007'],
    ['a merge of a text', 'a:\n  <<: b\n', 'merge-value', '<<'],
    ['a tag that does not fit', 'a: !!int b\n', 'tag-value', 'b\n'],
  ])('%s', (_, text, kind, at) => {
    expect(readYaml(text).problem).toMatchObject({ kind, offset: text.indexOf(at) });
  });

  test.each([
    ['brackets', '['.repeat(100_000)],
    ['braces', '{a: '.repeat(100_000)],
    ['dashes', '- '.repeat(100_000)],
    ['lines', Array.from({ length: 2000 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')],
  ])('nesting without end is refused: %s', (_, text) => {
    expect(readYaml(text).problem?.kind).toBe('too-deep');
  });
});

describe('aliases', () => {
  test('many uses of something small are fine', () => {
    const text = `a: &a {x: 1, z: [2, 3]}\nb:\n${'- *a\n'.repeat(2000)}c:\n${'- <<: *a\n'.repeat(2000)}`;
    const { documents, problem } = readYaml(text);
    expect(problem).toBeUndefined();
    expect(documents[0]?.value).toHaveProperty('b[1999]', { x: 1, z: [2, 3] });
  });

  test('what is small as written and huge when expanded is refused', () => {
    const levels = Array.from({ length: 9 }, (_, n) => `l${n + 1}: &l${n + 1} [${Array(9).fill(`*l${n}`).join(', ')}]\n`);
    expect(readYaml(`l0: &l0 [x]\n${levels.join('')}`).problem?.kind).toBe('alias-excessive');
    expect(readYaml(`a: &a [${'x, '.repeat(5000)}]\nb:\n${'- *a\n'.repeat(500)}`).problem?.kind).toBe('alias-excessive');
  });

  test('an anchor counts within its document', () => {
    expect(readYaml('--- &a b\n--- *a\n').problem?.kind).toBe('alias-unknown');
  });
});

/** The parts of a value, and the places that belong to them. */
function* parts(
  value: unknown,
  place: YamlPlace | undefined,
): Generator<{ value: unknown; place: YamlPlace | undefined; key?: string }> {
  yield { value, place };
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* parts(item, place?.items?.[index]);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) yield* parts(member, place?.members?.get(key)?.value);
  }
}

const pieces = fc.constantFrom(
  ...[
    'a',
    'b: ',
    'c:\n',
    ' ',
    '  ',
    '\n',
    '\n  ',
    '- ',
    '\n- ',
    '\n  - ',
    ': ',
    ':',
    ', ',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '#',
    ' # ',
  ],
  ...[
    '&a ',
    '*a',
    '<<: ',
    '? ',
    '!t ',
    '!!str ',
    '|\n',
    '>-\n',
    '1',
    '~',
    'y',
    '---\n',
    '...\n',
    '\\',
    '\t',
    '\r',
    '\u0085',
    '\u2028',
  ],
  ...['d: e\n', '  f: {g: h}\n', '- i: j\n', 'k: [l, m]\n', '"n": \'o\'\n', 'p: |\n  q\n  r\n', 's: &x {t: u}\n', 'v: *x\n'],
);
const texts = fc.oneof(
  fc.array(pieces, { maxLength: 24 }).map((list) => list.join('')),
  fc.constantFrom(...answers.map(([text]) => text)),
);

describe('places', () => {
  test('every part of every value stands somewhere in the text, and is the same with places and without', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const plain = readYaml(text);
        const placed = readYaml(text, true);
        expect(placed.documents.map(({ value }) => value)).toEqual(plain.documents.map(({ value }) => value));
        expect(placed.problem?.offset).toBe(plain.problem?.offset);
        for (const document of placed.documents) {
          for (const { value, place } of parts(document.value, document.place)) {
            expect(place, JSON.stringify(value)).toBeDefined();
            const { start = -1, end = -1 } = place ?? {};
            expect(0 <= start && start <= end && end <= text.length, `${start}-${end} of ${text.length}`).toBe(true);
            const isAsWritten = typeof value === 'string' && /^[a-z]+$/.test(value) && !/[!\\]/.test(text);
            if (isAsWritten) expect(text.slice(start, end)).toMatch(new RegExp(`${value}|[*]`));
          }
        }
      }),
      { numRuns: 5000 },
    );
  }, 60_000);
});
