import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import { expandLists } from '../../../src/source/lists.ts';
import { parseText } from '../../../src/source/parse.ts';

function parse(text: string) {
  const diagnostics: Diagnostic[] = [];
  const documents = parseText('mesh.yaml', text, (diagnostic) => void diagnostics.push(diagnostic));
  return { documents, diagnostics, values: documents.map(({ value }) => value) };
}

function place({ location }: Diagnostic): string {
  return `${location?.line}:${location?.column}`;
}

describe('documents of a text', () => {
  test('several documents are separated by markers, empty ones are left out', () => {
    const { values, diagnostics } = parse('---\na: 1\n---\n# nothing here\n---\nb: 2\n...\n---\n');
    expect(values).toEqual([{ a: 1 }, { b: 2 }]);
    expect(diagnostics).toEqual([]);
  });

  test('a marker is found after line breaks of Windows, and not inside a longer word', () => {
    expect(parse('a: 1\r\n---\r\nb: ---x\r\n').values).toEqual([{ a: 1 }, { b: '---x' }]);
  });

  test('directives belong to the document after them', () => {
    expect(parse('%YAML 1.1\n---\na: yes\n').values).toEqual([{ a: true }]);
  });

  test('a byte order mark is no part of the text', () => {
    expect(parse('\uFEFFa: 1').values).toEqual([{ a: 1 }]);
  });

  test('a byte order mark may begin any document, as in files put together', () => {
    const { values, documents } = parse('\uFEFFa: 1\n---\n\uFEFFb: 2\nc: 3\n\uFEFF---\nd: 4\n');
    expect(values).toEqual([{ a: 1 }, { b: 2, c: 3 }, { d: 4 }]);
    expect(documents.map((document) => document.locate([]).line)).toEqual([1, 3, 6]);
  });

  test('documents of JSON may follow each other with nothing in between', () => {
    const { values, documents, diagnostics } = parse('\uFEFF{"kind": "A"}\n{"kind": "B",\n "name": "b"}{"kind": "C"}\n');
    expect(diagnostics).toEqual([]);
    expect(values).toEqual([{ kind: 'A' }, { kind: 'B', name: 'b' }, { kind: 'C' }]);
    expect(documents.map((document) => document.locate(['kind']).line)).toEqual([1, 2, 3]);
    expect(documents[2]?.locate(['kind'])).toMatchObject({ column: 23, endColumn: 26 });
    expect(documents.map(({ index }) => index)).toEqual([0, 1, 2]);
  });

  test('a key that stands twice in JSON is refused, as the API server refuses it', () => {
    expect(parse('{"a": 1,\n "a": 2}').diagnostics.map((found) => [found.code, place(found)])).toEqual([['MESH0003', '2:2']]);
  });

  test('JSON is read too, indented with tabs', () => {
    expect(parse('{\n\t"kind": "Service",\n\t"ports": [1, 2]\n}\n').values).toEqual([{ kind: 'Service', ports: [1, 2] }]);
  });

  test('a broken document is reported at its place and the others are read', () => {
    const { values, diagnostics } = parse('a: 1\n---\nb: [1, 2\nc: 3\n---\nd: 4\n');
    expect(values).toEqual([{ a: 1 }, { d: 4 }]);
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatchObject({ code: 'MESH0003', severity: 'error' });
    expect(diagnostics[0]?.location?.line).toBeGreaterThanOrEqual(3);
    expect(diagnostics[0]?.location?.line).toBeLessThanOrEqual(5);
  });

  test('a key that stands twice is refused, where it stands for the second time', () => {
    const { values, diagnostics } = parse('spec:\n  host: a\n  host: b\n');
    expect(values).toEqual([]);
    expect(diagnostics.map((found) => [found.code, place(found), found.message])).toEqual([
      ['MESH0003', '3:3', 'not valid YAML: duplicated mapping key'],
    ]);
  });

  test('the key __proto__ is a key like any other', () => {
    const { values } = parse('__proto__: {polluted: true}\nconstructor: 1\n');
    expect(Object.keys(values[0] as object)).toEqual(['__proto__', 'constructor']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect((values[0] as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('aliases that blow up are refused, a few are fine', () => {
    const levels = Array.from(
      { length: 9 },
      (_, level) => `l${level + 1}: &l${level + 1} [${Array(9).fill(`*l${level}`).join(', ')}]`,
    );
    const { values, diagnostics } = parse(`l0: &l0 [x, x, x, x, x, x, x, x, x]\n${levels.join('\n')}\n`);
    expect(values).toEqual([]);
    expect(diagnostics.map(({ code }) => code)).toEqual(['MESH0004']);
    expect(parse('a: &a {x: 1}\nb: *a\nc:\n  <<: *a\n  z: 2\n').values).toEqual([
      { a: { x: 1 }, b: { x: 1 }, c: { x: 1, z: 2 } },
    ]);
  });

  test('an anchor that contains itself is refused', () => {
    expect(parse('a: &a [*a]\n').diagnostics.map(({ code }) => code)).toEqual(['MESH0004']);
  });

  test('a chain of aliases deeper than any manifest does not overflow the stack', () => {
    const chain = Array.from(
      { length: 20_000 },
      (_, index) => `k${index}: &k${index} ${index === 0 ? '[x]' : `[*k${index - 1}]`}`,
    );
    expect(parse(chain.join('\n')).diagnostics.map(({ code }) => code)).toEqual(['MESH0004']);
  });

  test('nesting without end is refused', () => {
    expect(parse('['.repeat(100_000)).diagnostics.map(({ code }) => code)).toEqual(['MESH0113']);
  });

  test('lines of flow collections may have any indent, as for Kubernetes', () => {
    const text = 'kind: Pod\nspec:\n  args: [\n    "a",\n  ]\n  map: {\n x: 1,\n}\n';
    const { values, documents, diagnostics } = parse(text);
    expect(diagnostics).toEqual([]);
    expect(values).toEqual([{ kind: 'Pod', spec: { args: ['a'], map: { x: 1 } } }]);
    expect(documents[0]?.locate(['spec', 'map', 'x'])).toMatchObject({ line: 7, column: 5 });
  });

  test('many lines of a flow collection that are not indented cost no more than others', () => {
    const text = `kind: A\nspec:\n  args: [\n${'x,\n'.repeat(60_000)}]\n`;
    const { values, documents, diagnostics } = parse(text);
    expect(diagnostics).toEqual([]);
    expect(values).toHaveProperty('[0].spec.args.length', 60_000);
    expect(documents[0]?.locate(['spec', 'args', 59_999])).toMatchObject({ line: 60_003, column: 1 });
  });

  test('a colon before a comma or bracket belongs to the text, as in addresses', () => {
    expect(parse('a: [fd00::, fe80::]\nb: {c: 2001:db8::}\n').values).toEqual([
      { a: ['fd00::', 'fe80::'], b: { c: '2001:db8::' } },
    ]);
    const [document] = parse('spec: {ports: [{port: tru:, name: b}]}\n').documents;
    expect(document?.locate(['spec', 'ports', 0, 'port'])).toMatchObject({ line: 1, column: 23, endColumn: 27 });
    expect(document?.locate(['spec', 'ports', 0, 'name'])).toMatchObject({ line: 1, column: 35 });
  });

  test('a text in quotes goes on at any indent', () => {
    const { values, documents, diagnostics } = parse('a:\n  b: "one\n two\nthree"\n  c: \'four\n  five\'\n  d: 1\n');
    expect(diagnostics).toEqual([]);
    expect(values).toEqual([{ a: { b: 'one two three', c: 'four five', d: 1 } }]);
    expect(documents[0]?.locate(['a', 'd'])).toMatchObject({ line: 7, column: 6 });
  });

  test('keys that Kubernetes does not have are refused where they stand', () => {
    const { diagnostics } = parse('a: 1\nb:\n  ? {x: y}\n  : z\n---\nk: v\n~: x\n');
    expect(diagnostics.map((found) => [found.code, place(found)])).toEqual([
      ['MESH0003', '3:5'],
      ['MESH0003', '7:1'],
    ]);
  });
});

describe('lists', () => {
  const items = (text: string) => expandLists(parse(text).documents);

  test('items of a List become documents with their own positions', () => {
    const found = items(
      'kind: List\napiVersion: v1\nitems:\n- kind: Pod\n  metadata:\n    name: a\n- kind: Pod\n  metadata:\n    name: b\n',
    );
    expect(found.map(({ value }) => (value as { metadata: { name: string } }).metadata.name)).toEqual(['a', 'b']);
    expect(found[1]?.locate(['metadata', 'name'])).toMatchObject({ line: 9, column: 11 });
  });

  test('items of a typed list get the kind that they leave out', () => {
    const found = items('kind: ServiceList\napiVersion: v1\nitems:\n- metadata: {name: a}\n');
    expect(found.map(({ value }) => value)).toEqual([{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' } }]);
  });

  test('lists nest, and an empty one is nothing', () => {
    expect(
      items('kind: List\nitems: [{kind: List, items: [{kind: Pod}]}, {kind: List, items: []}]\n').map(({ value }) => value),
    ).toEqual([{ kind: 'Pod' }]);
    expect(items('kind: List\nitems:\n')).toEqual([]);
  });
});
