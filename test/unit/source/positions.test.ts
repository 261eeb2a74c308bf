import fc from 'fast-check';
import { dump } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import type { Path } from '../../../src/diagnostics/diagnostic.ts';
import { parseText } from '../../../src/source/parse.ts';

function locator(text: string) {
  const [document] = parseText('mesh.yaml', text, (diagnostic) => {
    throw new Error(diagnostic.message);
  });
  const lines = text.split('\n');
  return (path: Path, on?: 'key' | 'value'): string => {
    const location = document?.locate(path, on);
    if (location === undefined) return 'nowhere';
    const { line, column, endLine, endColumn } = location;
    const shown =
      endLine === line ? lines[line - 1]?.slice(column - 1, (endColumn ?? 0) - 1) : lines[line - 1]?.slice(column - 1);
    return `${line}:${column} ${shown}`;
  };
}

const manifest = `# a comment
kind: VirtualService
spec:
  hosts: ["a", 'b' ]
  http:
  - match:
    - uri: {prefix: /x}   # flow
    route: []
  - name: second
    empty:
    text: |
      several
      lines
    <<: &base { retries: 3 }
  other: *base
  conn_timeout: 5s
`;

describe('positions', () => {
  const at = locator(manifest);

  test('values and keys', () => {
    expect(at(['kind'])).toBe('2:7 VirtualService');
    expect(at(['kind'], 'key')).toBe('2:1 kind');
    expect(at(['spec', 'hosts', 0])).toBe('4:11 "a"');
    expect(at(['spec', 'hosts', 1])).toBe("4:16 'b'");
    expect(at(['spec', 'http', 0, 'match', 0, 'uri', 'prefix'])).toBe('7:21 /x');
    expect(at(['spec', 'http', 1, 'name'])).toBe('9:11 second');
    expect(at(['spec', 'http', 1])).toBe('9:5 name: second');
  });

  test('flow collections end with their bracket', () => {
    expect(at(['spec', 'hosts'])).toBe(`4:10 ["a", 'b' ]`);
    expect(at(['spec', 'http', 0, 'match', 0, 'uri'])).toBe('7:12 {prefix: /x}');
    expect(at(['spec', 'http', 0, 'route'])).toBe('8:12 []');
  });

  test('the text of a block begins at its indicator', () => {
    expect(at(['spec', 'http', 1, 'text'])).toBe('11:11 |');
  });

  test('an empty value stands where its key stands', () => {
    expect(at(['spec', 'http', 1, 'empty'])).toBe('10:5 empty');
  });

  test('what does not exist is located at the key of its nearest ancestor', () => {
    expect(at(['spec', 'http', 0, 'timeout'])).toBe('6:5 match:');
    expect(at(['spec', 'gateways', 0])).toBe('3:1 spec');
    expect(at(['spec', 'hosts', 7])).toBe('4:3 hosts');
    expect(at(['metadata', 'name'])).toBe('2:1 kind: VirtualService');
  });

  test('aliases and merge keys lead to what they stand for', () => {
    expect(at(['spec', 'other'])).toBe('15:10 *base');
    expect(at(['spec', 'other', 'retries'])).toBe('14:26 3');
    expect(at(['spec', 'http', 1, 'retries'])).toBe('14:26 3');
  });

  test('a field written in snake_case is found under its camelCase name', () => {
    expect(at(['spec', 'connTimeout'])).toBe('16:17 5s');
  });

  test('positions count from the start of the file, not of the document', () => {
    const documents = parseText('mesh.yaml', 'a: 1\n---\n# x\nb:\n  c: 2\n', () => {});
    expect(documents[1]?.locate(['b', 'c'])).toEqual({ file: 'mesh.yaml', line: 5, column: 6, endLine: 5, endColumn: 7 });
  });

  test('the text at the place of a scalar is that scalar, for any value', () => {
    const key = fc.stringMatching(/^[a-z]{1,8}$/);
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 3 }, fc.integer(), tie('list'), tie('object')),
      list: fc.array(tie('tree'), { minLength: 1, maxLength: 4 }),
      object: fc.dictionary(key, tie('tree'), { minKeys: 1, maxKeys: 4 }),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, tree, { minKeys: 1 }), fc.boolean(), (value, isFlow) => {
        const text = dump(value, isFlow ? { flowLevel: 1 } : {});
        const find = locator(text);
        const visit = (node: unknown, path: Path): void => {
          if (Array.isArray(node)) {
            for (const [index, item] of node.entries()) visit(item, [...path, index]);
          } else if (typeof node === 'object' && node !== null) {
            for (const [name, member] of Object.entries(node)) visit(member, [...path, name]);
          } else expect(find(path)).toMatch(new RegExp(` ${node}$`));
        };
        visit(value, []);
      }),
      { numRuns: 100 },
    );
  });
});
