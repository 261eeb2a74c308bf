import fc from 'fast-check';
import { loadAll } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { parseSimpleYaml } from '../../../src/source/simple-yaml.ts';
import { KUBERNETES_YAML } from '../../../src/util/yaml.ts';

/** What the full parser makes of a text; undefined when it refuses it. */
function full(text: string): readonly unknown[] | undefined {
  try {
    return loadAll(text, { schema: KUBERNETES_YAML });
  } catch {
    return undefined;
  }
}

/** The reader may leave a text alone; what it reads, the full parser must read the same way. */
function expectAgreement(text: string): void {
  const simple = parseSimpleYaml(text);
  if (simple !== undefined) expect(full(text), text).toEqual([simple]);
}

describe('the reader of simple YAML', () => {
  test.each([
    'a: 1\nb: two # comment\nc: "three"\nd: \'four\'\n',
    '---\na:\n  b:\n    c: d\n  e: f\n',
    '---  # marker\nlist:\n- a\n- b: 1\n  c: 2\n-\n  d: 3\nempty:\nlast: ~\n',
    'list:\n  - a: [1, {b: c}, "d"]\n    e: {f: g, h: [i]}\n',
    '{"kind": "Pod", "ports":[{"port":80},\n  {"port": 81}\n]}\n',
    'a: yes\nb: 014\nc: 1_000\nd: 12:30\ne: -x\nf: .5\ng: 1.2.3\nh: a#b\ni: a:b\n',
    'url: http://x/y?a=b\nglob: /a/*.txt\n',
    'a: |\n  text\n    more: #x\n\n  end\n\nb:\n- |-\n  x\n\n- c: |  # d\n    y\n # z\n',
  ])('reads %j', (text) => {
    expect(parseSimpleYaml(text)).toEqual(full(text)?.[0]);
    expect(parseSimpleYaml(text)).toBeDefined();
  });

  test.each([
    'a: |\n  text',
    'a: |\n\n  text\n',
    'a: |2\n   text\n',
    'a: >\n  text\n',
    'a: |\n    b\n  c\n',
    'a: &x 1\nb: *x\n',
    'a: !!str 1\n',
    'a: "x\\ny"\n',
    "a: 'it''s'\n",
    'a: several\n  lines\n',
    'a: 1\na: 2\n',
    '__proto__: 1\n',
    'yes: 1\n',
    '80: 1\n',
    'a: b: c\n',
    'a: 1\n  b: 2\n',
    '  a: 1\nb: 2\n',
    'a: [1, 2\n',
    'a:\t1\n',
    '- - a\n',
    'a: -\n',
    'a: .inf\n',
    '? a\n: b\n',
    'a: 1\n...\n',
    '<<: {a: 1}\n',
    'text',
    '',
  ])('leaves %j to the full parser', (text) => {
    expect(parseSimpleYaml(text)).toBeUndefined();
  });

  test('agrees with the full parser on any text', () => {
    const token = fc.constantFrom(
      'a',
      'b',
      'key',
      ': ',
      ':',
      ' ',
      '  ',
      '\n',
      '\n  ',
      '\n    ',
      '\n- ',
      '\n  - ',
      '- ',
      '#',
      ' # ',
      '[',
      ']',
      '{',
      '}',
      ', ',
      '"',
      "'",
      '1',
      '0',
      '.',
      'y',
      '---\n',
      '~',
      '&',
      '|',
      '<<',
      '?',
    );
    const entry = fc.constantFrom(
      'a: 1\n',
      'b:\n',
      '  c: d\n',
      '  - e\n',
      '- f: g\n',
      '  h: {i: j}\n',
      'k: [l, m]\n',
      '    n: "o"\n',
      '# p\n',
      '\n',
      '- q\n',
    );
    fc.assert(
      fc.property(fc.oneof(fc.array(token, { maxLength: 24 }), fc.array(entry, { maxLength: 10 })), (parts) =>
        expectAgreement(parts.join('')),
      ),
      { numRuns: 3000 },
    );
  });
});
