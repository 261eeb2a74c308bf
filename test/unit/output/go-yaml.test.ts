import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { formatGoYaml } from '../../../src/output/go-yaml.ts';

describe('formatGoYaml', () => {
  test('sorts keys, numbers in them by value, and puts lists flush with their key', () => {
    expect(formatGoYaml({ b: [{ z: 1, a: [] }], a10: {}, a9: 'x', '@type': 'u' })).toBe(
      "'@type': u\na9: x\na10: {}\nb:\n- a: []\n  z: 1\n",
    );
  });

  test('quotes text that YAML 1.1 would read as something else', () => {
    const quoted = ['true', 'off', 'y', '12', '0x1f', '1_000', '1.5', '1e3', '12:30', '2026-01-01', '~', ''];
    for (const text of quoted) expect(formatGoYaml({ a: text })).toBe(`a: "${text}"\n`);
    for (const text of ['1.2.3', '10.0.0.1', 'v1', 'nope', '10s', '1:99']) expect(formatGoYaml({ a: text })).toBe(`a: ${text}\n`);
  });

  test('uses single quotes where punctuation would be read as syntax', () => {
    for (const text of ['%A%', '*', '- x', 'a: b', 'a #b', '@x', ' lead'])
      expect(formatGoYaml({ a: text })).toBe(`a: '${text}'\n`);
    expect(formatGoYaml({ a: "'h2c'" })).toBe("a: '''h2c'''\n");
  });

  test('folds long text at a blank after column 80 and writes several lines as a block', () => {
    const text = `${'word '.repeat(30)}end`;
    const folded = formatGoYaml({ key: text });
    expect(Math.max(...folded.split('\n').map((line) => line.length))).toBeLessThan(90);
    expect(load(folded)).toEqual({ key: text });
    expect(formatGoYaml({ key: 'one\ntwo\n' })).toBe('key: |\n  one\n  two\n');
    expect(formatGoYaml({ key: 'one\ntwo' })).toBe('key: |-\n  one\n  two\n');
  });

  test('keeps the line breaks at the end of a text, also at the end of all', () => {
    for (const text of ['\n', '\n\n', 'one\n', 'one\n\n', 'one\n\n\n', ' one\n\n']) {
      for (const value of [{ key: text }, { a: { b: [text] } }, { a: text, z: 1 }])
        expect(load(formatGoYaml(value))).toEqual(value);
    }
    expect(formatGoYaml({ key: 'one\n\n' })).toBe('key: |+\n  one\n\n');
  });
});
